"""The pages of accounts, as the application takes them."""

from longmai.portal.accounts import (
    admin_pages,
    import_pages,
    oidc_pages,
    own_pages,
    sign_in_pages,
    watch_pages,
)

# Import before accounts: its address would be taken for an account's ID.
ROUTERS = (
    sign_in_pages.router,
    oidc_pages.router,
    own_pages.router,
    import_pages.router,
    admin_pages.router,
    watch_pages.router,
)
