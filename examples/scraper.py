#!/usr/bin/env python3
"""Stores the pictures of web pages in Lookalike, over imgcache's protocol, and tells which of them it knew already.

    python3 scraper.py http://127.0.0.1:4000/imgcache https://example.org/gallery.html

With keys the address holds one of scope write: http://me:KEY@127.0.0.1:4000/imgcache. Python's own library is enough.
"""

import base64
import json
import sys
import uuid
from html.parser import HTMLParser
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit
from urllib.request import Request, urlopen

CLIENT_NAME = "example-scraper"
TIMEOUT_SECONDS = 30
# Up to 4 of the 64 bits of a dHash is near-certain to be the same picture.
MAX_HAMMING_DISTANCE = 4


class ImgCacheClient:
    """The calls of the original client that a scraper needs, under their names."""

    def __init__(self, base_url):
        parts = urlsplit(base_url)
        self.base_url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])).rstrip("/")
        self.headers = {}
        if parts.password:
            credentials = f"{parts.username}:{parts.password}".encode()
            self.headers["Authorization"] = "Basic " + base64.b64encode(credentials).decode()

    def store(self, url, data, client_name, filename="image"):
        """Stores bytes under a URL; safe to repeat. The answer says CREATED, URL_ADDED or UNCHANGED as `status`."""
        boundary = uuid.uuid4().hex
        fields = {"url": url, "client_name": client_name}
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        safe = filename.replace('"', "%22").replace("\r", "").replace("\n", "")
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{safe}"\r\n\r\n'
        body = b"".join([*parts, head.encode(), data, f"\r\n--{boundary}--\r\n".encode()])
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self._call("/images", data=body, headers=headers)

    def lookup(self, url):
        """The picture that was stored under exactly this URL, or None."""
        try:
            return self._call("/images/lookup?" + urlencode({"url": url}))
        except HTTPError as error:
            if error.code == 404:
                return None
            raise

    def similar(self, perceptual_hash, max_hamming_distance):
        """The pictures with a like hash, nearest first, each with its `hamming_distance`."""
        query = {"perceptual_hash": perceptual_hash, "max_hamming_distance": max_hamming_distance}
        return self._call("/images/similar?" + urlencode(query))

    def _call(self, path, data=None, headers=None):
        request = Request(self.base_url + path, data=data, headers={**self.headers, **(headers or {})})
        with urlopen(request, timeout=TIMEOUT_SECONDS) as response:
            return json.load(response)


class PictureLinks(HTMLParser):
    """Collects the addresses of the <img> elements of a page."""

    def __init__(self):
        super().__init__()
        self.links = []

    def handle_starttag(self, tag, attrs):
        source = dict(attrs).get("src")
        if tag == "img" and source:
            self.links.append(source)


def download(url):
    with urlopen(Request(url, headers={"User-Agent": CLIENT_NAME}), timeout=TIMEOUT_SECONDS) as response:
        return response.read()


def pictures_of(page):
    parser = PictureLinks()
    parser.feed(download(page).decode("utf-8", "replace"))
    return list(dict.fromkeys(urljoin(page, link) for link in parser.links))


def scrape(client, page):
    for url in pictures_of(page):
        if client.lookup(url):
            print(f"KNOWN {url}")
            continue
        try:
            stored = client.store(url, download(url), CLIENT_NAME, url.rpartition("/")[2] or "image")
        except OSError as error:
            print(f"FAILED {url}: {error}", file=sys.stderr)
            continue
        print(f"{stored['status']} {url} {stored['content_hash']}")
        if stored["perceptual_hash"] is None:
            continue
        for other in client.similar(stored["perceptual_hash"], MAX_HAMMING_DISTANCE):
            if other["content_hash"] != stored["content_hash"]:
                print(f"  LIKE {other['url']} ({other['hamming_distance']} bits differ)")


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__.strip())
    client = ImgCacheClient(arguments[0])
    for page in arguments[1:]:
        scrape(client, page)


if __name__ == "__main__":
    main(sys.argv[1:])
