"""What all routes share, whatever the site's own REST settings say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser, FormParser, JSONParser, MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from faces.api.permissions import ReadsOrEdits
from faces.api.problems import problem_response


class OwnForm(DefaultContentNegotiation):
    """A route answers in its own form, or in the one its `format` names; Accept is no reason to refuse it."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class JSONBody(JSONParser):
    """JSON as far as Python follows it: what is nested deeper is no request of ours."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply. Nothing was changed.") from error


class FacesView(APIView):
    """Reading takes a login, writing the leave to edit; errors are problem details; bodies are bounded."""

    permission_classes: Sequence[type[BasePermission]] = (ReadsOrEdits,)
    parser_classes: Sequence[type[BaseParser]] = (JSONBody, FormParser, MultiPartParser)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = OwnForm
    largest_body: int | None = 10 * 2**20
    """Bytes that a request may have; None where it may be as large as the disk. More is refused before any of it is
    read: a parser of uploads would fill the disk for whoever has not even logged in."""
    streams_body = False
    """Whether the handler itself reads the body, piece by piece."""

    def get_exception_handler(self) -> Callable[..., Any]:
        return problem_response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        length = request.META.get("CONTENT_LENGTH") or ""
        if self.largest_body is not None and length.isdecimal() and int(length) > self.largest_body:
            raise RequestDataTooBig
        super().initial(request, *args, **kwargs)
        if not self.streams_body and not (request.content_type or "").startswith("multipart/"):
            _ = request.body  # read here, under Django's limit, which parsers of plain streams ignore
