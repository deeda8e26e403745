"""A floor's picture with the rooms on it: placed without JavaScript, and what it then says."""

import io
from pathlib import Path

import httpx
from PIL import Image

from nightwarden.model.roles import Role
from tests.api_server import HOME, ApiUnderTest


def picture(kind: str = "PNG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (400, 200), "white").save(written, kind)
    return written.getvalue()


def test_a_floor_is_uploaded_rooms_are_placed_and_an_alert_shows_there(tmp_path: Path) -> None:
    with ApiUnderTest(tmp_path) as api:
        api.apply(HOME)
        api.proved()
        headers = {"Accept": "text/html", "Authorization": f"Bearer {api.token(Role.MANAGER)}"}
        with httpx.Client(
            base_url=api.url, headers=headers, follow_redirects=True, verify=False, timeout=30
        ) as client:
            refused = client.post("/floors", data={"name": "G"}, files={"photo": ("a", b"%PDF")})
            assert refused.status_code == 422
            made = client.post(
                "/floors", data={"name": "Ground"}, files={"photo": ("a", picture())}
            )
            assert made.status_code == 200
            assert "Not on a floor yet: 12" in made.text
            assert client.get("/floors/1/picture").headers["content-type"] == "image/jpeg"
            off = {"room": "12", "x": "101", "y": "10"}
            assert client.post("/floors/1/rooms", data=off).status_code == 422
            shown = client.post("/floors/1/rooms", data={"room": "12", "x": "25", "y": "50"}).text
            assert 'transform="translate(250.0 250.0)"' in shown
            quiet = client.get("/floors/1/fragment").text
            assert "▲" not in quiet
            api.raise_alert()
            loud = client.get("/floors/1/fragment").text
            assert "▲ 1 open" in loud, "shape and word, not colour alone"
            client.post("/floors/1/rooms", data={"room": "12", "x": "75", "y": "50"})
            assert client.get("/floors").text.count('data-room="12"') == 1
            client.post("/floors/1/put-away")
            assert client.get("/floors/1").status_code == 404
        carer = {"Accept": "text/html", "Authorization": f"Bearer {api.token(Role.CARER)}"}
        with httpx.Client(base_url=api.url, headers=carer, verify=False, timeout=60) as client:
            refused = client.post("/floors", data={"name": "G"}, files={"photo": ("a", picture())})
            assert refused.status_code == 403
