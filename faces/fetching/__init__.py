"""Reads what a URL of a user's names, from public addresses alone: never out of the network that we stand in (SSRF).

A name is resolved once, every address of the answer is judged, and the connection goes to the very one that was judged;
each redirect is a new URL, judged anew. The environment's proxies are not used: one would resolve names after us.

Weighed: advocate (given up by its author), requests-hardened (knows private and loopback ranges, no slow or endless
answers, no ranges). urllib3, which requests brought along, connects to an address and checks TLS for a name.
"""

from faces.fetching.download import Download, Limits, open_url
from faces.fetching.places import Network, NotFetched, check_url, is_public, name_in, without_secrets

__all__ = [
    "Download",
    "Limits",
    "Network",
    "NotFetched",
    "check_url",
    "is_public",
    "name_in",
    "open_url",
    "without_secrets",
]
