"""The witness as a small web application of its own: C2SP tlog-witness, and who it is."""

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool

from longmai import __version__
from longmai.kernel.errors import LongmaiError
from longmai.ledger.witness import WrongOldSize
from longmai.portal.anchors_api import body_text, size_answer
from longmai.store.witnessing import Witness


def create_witness_app(witness: Witness) -> FastAPI:
    """Build the application around a witness.

    ``POST /add-checkpoint`` is the protocol; ``GET /`` gives the key and what was seen.
    """
    app = FastAPI(title="Longmai witness", version=__version__, docs_url=None, redoc_url=None)

    @app.post("/add-checkpoint", response_class=PlainTextResponse)
    async def add_checkpoint(request: Request) -> Response:
        """Cosign a checkpoint that continues the one seen last."""
        try:
            text = await body_text(request)
            lines = await run_in_threadpool(witness.add_checkpoint, text)
        except WrongOldSize as stale:
            return size_answer(stale)
        except LongmaiError as error:
            return PlainTextResponse(f"{error}\n", status_code=error.status)
        return PlainTextResponse(lines)

    @app.get("/", response_class=PlainTextResponse)
    def about() -> str:
        """Say who this witness is, and what it saw last of each log."""
        seen = [f"{each.origin} {each.size} {each.root.hex()}\n" for each in witness.seen()]
        return f"{witness.verifier_key}\n\n{''.join(seen)}"

    return app
