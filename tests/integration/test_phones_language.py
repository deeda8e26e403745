"""A phone that somebody has enrolled speaks their language; the record of it speaks English."""

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from gateway.outlets.channels import ChannelOutlet
from nightwarden.model.elsewhere import Serves
from nightwarden.model.roles import Role
from nightwarden.store import alerts, channel_letters, channels, outgoing, people
from nightwarden.store.channels import Address
from nightwarden.store.engine import open_store
from tests.alert_records import bed_exit
from tests.services import PushService

NIGHT = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)


def test_a_phone_is_told_in_its_owners_language_and_the_record_in_english(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "nightwarden.db")) as store, PushService() as push:
        with store.transaction(NIGHT) as tx:
            people.add_user(tx, "Ewa", Role.CARER, "4821", "test")
            people.choose_language(tx, "Ewa", "pl")
            address = Address(json.dumps(push.subscription()), "Web Push")
            phone = channels.enrol_phone(
                tx, "Ewa's", address, Serves((Role.CARER,), names=True), "Ewa"
            )
            number = phone.id or 0
            alerts.insert(tx, bed_exit(NIGHT, told=(Role.CARER,)))
            [letter] = outgoing.lease(tx, channel_letters.OUTLET)
        ChannelOutlet(store, lambda: NIGHT).send(letter).result(60)
        assert push.came[0]["body"] == "Pokój 12 · Joan · poza łóżkiem."
        with store.reading(NIGHT) as tx:
            [kept] = channel_letters.latest(tx, number)
            assert json.loads(kept.payload)["body"] == "Room 12 · Joan · out of bed."
