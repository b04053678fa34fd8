"""Policies for people and programs: list, words beside rules, self-check, editor, API."""

from longmai.portal.policies import api, case_pages, editor_pages, list_pages, policy_pages

# The editor before a policy's page: its address would be read as the id of one.
ROUTERS = (
    list_pages.router,
    editor_pages.router,
    policy_pages.router,
    case_pages.router,
    api.router,
)
