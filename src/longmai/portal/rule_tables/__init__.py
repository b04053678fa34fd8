"""Decision tables in the browser: edited, checked, tried out, taken from and given as files.

Nothing is stored: what a page or a program sends is answered and forgotten.
"""

from longmai.portal.rule_tables import api, pages

ROUTERS = (pages.router, api.router)
