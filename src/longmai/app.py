"""The web application: the house built from settings, and served."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware

from longmai import __version__
from longmai.kernel.clock import Clock, SystemClock
from longmai.kernel.errors import Unavailable
from longmai.kernel.i18n import Catalogue
from longmai.kernel.regions import RegionPack, find_pack
from longmai.kernel.settings import Settings
from longmai.ledger.note import Signer, load_or_create_signer
from longmai.portal import failures, home, ledger_api, ledger_pages, tile_log
from longmai.portal.domain import Domain
from longmai.portal.guard import guarded
from longmai.portal.house import House
from longmai.portal.rendering import FOLDER, STATIC
from longmai.registry import DOMAINS
from longmai.store.database import connect, migrate
from longmai.store.integrator import Integrator
from longmai.store.unit_of_work import Store

_DESCRIPTION = """
Longmai 陇脉 runs the digital systems a province needs on one ledger that proves itself.

Reading is open; writing needs the capture token or this very machine.
Errors have one shape: `{"error": {"code", "what", "place", "value", "mend"}}`.
"""


def build_house(
    settings: Settings, clock: Clock | None = None, domains: Sequence[Domain] = DOMAINS
) -> House:
    """Open the data folder, the database (migrating it) and the log's key.

    Raises:
        Unavailable: the data folder cannot be written, or the database cannot be reached.
        Invalid: a setting or file that cannot be used.
    """
    clock = clock or SystemClock()
    _writable(settings.data)
    engine = connect(settings.database)
    migrate(engine)
    projections = [projection for domain in domains for projection in domain.projections]
    return House(
        settings=settings,
        store=Store(engine, projections, clock),
        signer=_signer(settings),
        clock=clock,
        regions=RegionPack.load(find_pack(settings.region)),
        catalogue=Catalogue.load(
            [FOLDER / "locales", *(domain.folder / "locales" for domain in domains)]
        ),
        domains=domains,
    )


def create_app(house: House) -> FastAPI:
    """Build the application around a house; its lifespan runs the ledger's integrator."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        integrator = Integrator(house.store, house.signer, house.clock)
        house.store.after_commit.append(integrator.wake)
        integrator.start()
        try:
            yield
        finally:
            house.store.after_commit.remove(integrator.wake)
            integrator.stop()

    app = FastAPI(
        title="Longmai 陇脉",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.house = house
    app.add_middleware(BaseHTTPMiddleware, dispatch=guarded)
    app.add_middleware(GZipMiddleware)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    failures.install(app)
    app.include_router(home.router)
    app.include_router(ledger_pages.router)
    app.include_router(ledger_api.router)
    app.include_router(tile_log.router)
    for domain in house.domains:
        for router in (*domain.pages, *domain.api):
            app.include_router(router)
    return app


def _signer(settings: Settings) -> Signer:
    return load_or_create_signer(settings.data / "ledger.key", settings.log_origin)


def _writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Unavailable(
            "the data folder cannot be written",
            code="data.readonly",
            place=str(folder),
            value=error.strerror,
            mend="choose another with LONGMAI_DATA, or change its permissions",
        ) from None
