"""The web application: the house built from settings, and served."""

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio.to_thread
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware

from longmai import __version__
from longmai.kernel.clock import Clock, SystemClock
from longmai.kernel.errors import Unavailable
from longmai.kernel.i18n import Catalogue
from longmai.kernel.regions import RegionPack, find_pack
from longmai.kernel.settings import Settings, load_settings
from longmai.ledger.keys import KeyFile
from longmai.ledger.note import VerifierKey
from longmai.ledger.policy import Party, Policy, parse_policy
from longmai.ledger.provider import second_hash
from longmai.portal import (
    anchors_api,
    design_pages,
    desk_pages,
    failures,
    home,
    jobs_pages,
    ledger_api,
    ledger_pages,
    logs,
    operations,
    policies,
    rule_tables,
    simulation,
    tile_log,
)
from longmai.portal.accounts import acts
from longmai.portal.accounts.acts import AUDIENCE
from longmai.portal.accounts.rooms import ROUTERS
from longmai.portal.accounts.visiting import find_visitor
from longmai.portal.domain import Domain
from longmai.portal.guard import Guard
from longmai.portal.house import House
from longmai.portal.jobs_pages import nights_of, works_of
from longmai.portal.observing import Metrics, Observed
from longmai.portal.page_memory import PageMemory
from longmai.portal.policies import issuing
from longmai.portal.rates import Buckets
from longmai.portal.rendering import FOLDER, STATIC
from longmai.portal.rights.gates import require_gates
from longmai.portal.rights.posts import PORTAL
from longmai.registry import DOMAINS
from longmai.rules.grid import words
from longmai.rules.policy.library import Library
from longmai.store.anchoring import LOWER_LOGS
from longmai.store.courier import Courier
from longmai.store.database import connect, migrate
from longmai.store.duty import Duty
from longmai.store.integrator import Integrator
from longmai.store.jobs import JobQueue
from longmai.store.nights import Nightwatch
from longmai.store.pressure import Pressure
from longmai.store.rotation import finish_rotation
from longmai.store.unit_of_work import Store
from longmai.store.witnesses import Witnesses
from longmai.store.worker import Worker

# A page of 90 kB: level 9 takes three times as long as 5, and saves two hundredths.
_COMPRESSION = 5
# Pages are made by threads; more of them than this only queue for the interpreter's lock, and each
# then takes longer (python -m bench.portal).
_THREADS_A_CORE = 4
_DESCRIPTION = """
Longmai 陇脉 runs the digital systems a province needs on one ledger that proves itself.

Reading what is public is open. For all else send an API token: sign in, open *My account*, make
one, and send it as `Authorization: Bearer lm_…`.
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
    if settings.second_hash:
        second_hash(settings.second_hash)  # an unknown one stops the start, not the first record
    _writable(settings.data)
    engine = connect(settings.database)
    migrate(engine)
    projections = [projection for domain in domains for projection in domain.projections]
    store = Store(
        engine,
        [LOWER_LOGS, *acts.PROJECTIONS, *issuing.PROJECTIONS, *projections],
        clock,
        settings.second_hash,
        Pressure(settings.max_waiting),
    )
    keys = KeyFile(settings.data / "ledger.key", settings.log_origin)
    keys.signer  # noqa: B018 - made, or found unusable, at the start
    finish_rotation(store, keys)
    policy = PORTAL
    for domain in domains:
        policy = policy.with_posts(domain.permissions)
    regions = RegionPack.load(find_pack(settings.region))
    return House(
        policies=Library.load(_policy_folders(settings, domains, regions)),
        policy=policy,
        audiences={
            **AUDIENCE,
            **issuing.AUDIENCE,
            **{k: v for domain in domains for k, v in domain.records.items()},
        },
        settings=settings,
        store=store,
        keys=keys,
        witnesses=_witnesses(settings),
        lower=_policy(settings.lower_logs, "LONGMAI_LOWER_LOGS") or Policy(),
        upper=_upper(settings),
        clock=clock,
        jobs=JobQueue(engine, clock),
        regions=regions,
        catalogue=Catalogue.load(
            [
                FOLDER / "locales",
                FOLDER / "accounts" / "locales",
                FOLDER / "rule_tables" / "locales",
                words.LOCALES,
                FOLDER / "policies" / "locales",
                FOLDER / "simulation" / "locales",
                *(folder for domain in domains for folder in domain.rooms("locales")),
            ]
        ),
        domains=domains,
    )


def _policy_folders(
    settings: Settings, domains: Sequence[Domain], regions: RegionPack
) -> list[Path]:
    folders = [folder for domain in domains for folder in domain.policies]
    folders.append(regions.policies)
    if settings.policies is not None:
        folders.append(settings.policies)
    return folders


def create_app(house: House) -> FastAPI:
    """Build the application around a house; its lifespan runs the ledger's integrator."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        threads = anyio.to_thread.current_default_thread_limiter()
        threads.total_tokens = _THREADS_A_CORE * (os.cpu_count() or 1)
        duty = Duty(house.settings.data / "duty.lock", partial(_begin, house))
        duty.start()
        try:
            yield
        finally:
            duty.stop()
            if house.witnesses is not None:
                house.witnesses.close()

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
    app.state.find_visitor = find_visitor
    app.state.pages = PageMemory()
    app.state.metrics = Metrics(house)
    app.add_middleware(GZipMiddleware, compresslevel=_COMPRESSION)
    roomy = {path: size for domain in house.domains for path, size in domain.roomy.items()}
    buckets = Buckets(house.settings.requests_a_minute)
    app.add_middleware(Guard, buckets=buckets, roomy=roomy)
    app.add_middleware(Observed, metrics=app.state.metrics)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    failures.install(app)
    app.include_router(home.router)
    app.include_router(ledger_pages.router)
    app.include_router(ledger_api.router)
    app.include_router(anchors_api.router)
    app.include_router(tile_log.router)
    app.include_router(operations.router)
    app.include_router(jobs_pages.router)
    app.include_router(desk_pages.router)
    app.include_router(design_pages.router)
    for router in (*ROUTERS, *rule_tables.ROUTERS, *simulation.ROUTERS, *policies.ROUTERS):
        app.include_router(router)
    for domain in house.domains:
        for router in (*domain.pages, *domain.api):
            app.include_router(router)
    require_gates(app.routes, house.policy.posts)
    app.openapi_schema = _described(app, house.domains)
    return app


def _described(app: FastAPI, domains: Sequence[Domain]) -> dict[str, Any]:
    """Return the description of the API, with the token and the shapes that it refers to."""
    schema = app.openapi()
    components = schema.setdefault("components", {})
    components.setdefault("securitySchemes", {})["token"] = {"type": "http", "scheme": "bearer"}
    for domain in domains:
        components.setdefault("schemas", {}).update(domain.schemas)
    return schema


def served() -> FastAPI:
    """Build the application of a server process from the environment alone."""
    settings = load_settings()
    logs.configure(settings.log_format)
    return create_app(build_house(settings))


def _begin(house: House) -> Callable[[], None]:
    """Begin what runs behind the requests; return what ends it."""
    integrator = Integrator(house.store, house.keys, house.clock, house.witnesses)
    courier = Courier(house.store, house.upper, house.clock) if house.upper else None
    worker = Worker(house.jobs, works_of(house))
    nights = Nightwatch(nights_of(house), worker.wake)
    house.store.after_commit.append(integrator.wake)
    integrator.start()
    worker.start()
    nights.start()
    if courier is not None:
        courier.start()
    behind = [make(house) for domain in house.domains for make in domain.behind]
    for each in behind:
        each.start()

    def end() -> None:
        for each in behind:
            each.stop()
        if courier is not None:
            courier.stop()
        house.store.after_commit.remove(integrator.wake)
        nights.stop()
        worker.stop()
        integrator.stop()

    return end


def _witnesses(settings: Settings) -> Witnesses | None:
    policy = _policy(settings.witness_policy, "LONGMAI_WITNESS_POLICY")
    return Witnesses(policy) if policy is not None and policy.asks_witnesses else None


def _policy(file: Path | None, variable: str) -> Policy | None:
    if file is None:
        return None
    try:
        return parse_policy(file.read_text("utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(
            "the policy file cannot be read",
            code="settings",
            place=f"{variable}={file}",
            value=str(error),
        ) from None


def _upper(settings: Settings) -> Party | None:
    if not settings.upper_log:
        return None
    key, url = settings.upper_log.split(" ")
    return Party(VerifierKey.parse(key), url)


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
