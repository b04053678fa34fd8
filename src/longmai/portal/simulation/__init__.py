"""What-if for people and programs: a form, an answer with its uncertainty, files, an API."""

from longmai.portal.simulation import api, pages

ROUTERS = (pages.router, api.router)
