"""Whatever announces itself to Home Assistant, https://www.home-assistant.io/integrations/mqtt/.

Owned are the discovery topics, ``homeassistant/COMPONENT/[NODE/]OBJECT/config``, and the topics
that they announce, unless another dialect owns those: a Zigbee2MQTT or Tasmota device that
announces itself as well is heard once, in its own language. ``docs/wire.md`` lists what is
understood. The policy:

1. What was announced is a lesson: it is kept in the store, so that a restart knows it at once, and
   an empty announcement makes it forgotten. The link hears the topics as they become known.
2. A device is its first identifier, and each of its entities a channel by the name in its
   discovery topic. Its battery and its link are the whole device's.
3. ``device_class`` and unit say what a value is of (``entity.py``). A class that is not ours is
   nothing for us; °F and K become °C; a door's "on" is open, a battery's "on" is low.
4. A value template is evaluated, not run (``value_template.py``).
5. An announcement is a stranger's word. It can take no topic that another dialect owns, none below
   a first level that is somebody's own, and no more memory than ``announced.py`` allows.
"""

from collections.abc import Sequence
from functools import partial

from gateway.dialects.announced import Announced
from gateway.dialects.base import NOTHING, Dialect, Heard, Lesson
from gateway.dialects.claimed_time import receipt
from gateway.dialects.discovery import COMPONENTS, PREFIX, Announcement, announcement, is_discovery
from gateway.dialects.doubt import Doubt
from gateway.dialects.entity import as_text
from gateway.dialects.esphome import EspHomeDialect
from gateway.dialects.findings import Findings, input_of
from gateway.dialects.json_payload import check_size
from gateway.dialects.roots import is_free
from gateway.dialects.speaking import Speech
from gateway.messages import RawMessage
from nightwarden.errors import Invalid, Unreadable
from nightwarden.model.readings import DeviceId, Quantity

NAME = "homeassistant"

_OF_THE_WHOLE = (Quantity.LINK, Quantity.BATTERY)


class HomeAssistantDialect:
    """What has been announced and is said in no other dialect.

    Args:
        announced: the home's memory of announcements, which this dialect fills.
        others: the other dialects; what one of them owns is not heard here.
        esphome: the one of ``others`` that looks into ``announced`` for topics of its own.
    """

    name = NAME

    def __init__(
        self, announced: Announced, others: Sequence[Dialect], esphome: EspHomeDialect
    ) -> None:
        self._announced = announced
        self._others = tuple(others)
        self._esphome = esphome
        self._verdicts: dict[str, bool] = {}
        self._read_last: tuple[Lesson, Announcement] | None = None  # it is learnt next

    def filters(self) -> tuple[str, ...]:
        """The discovery topics, each kind for itself, and what has been announced so far.

        The embedded broker gives at most 100 retained messages for one new filter.
        """
        kinds = (*COMPONENTS, "device")
        configs = [f"{PREFIX}/{kind}/{path}/config" for kind in kinds for path in ("+", "+/+")]
        topics = self._announced.topics()
        self._verdicts = {each: self._must_be_asked_for(each) for each in topics}
        return (*configs, *sorted(filter(self._verdicts.__getitem__, topics)))

    def topics_of(self, address: str) -> Speech:
        """Where it has announced itself and the topics that it announced, as far as it has by now.

        It hears that a Home Assistant has started, upon which many announce themselves anew.

        Raises:
            Invalid: it has announced nothing yet, or nothing that is its own alone.
        """
        known = self._announced
        keys, topics = known.of_device(address)
        own = sorted(topic for topic in topics if self._ours(topic) and _is_plain(topic))
        for topic in own:
            if any(each.device != address for each in known.on_topic(topic)):
                raise Invalid(
                    f'{NAME} "{address}" gets no password: another device has announced {topic} '
                    "too; remove the announcement that is wrong from the broker."
                )
        said_by_others = {
            t for t in own if any(a.device != address for a in known.availabilities(t))
        }
        own = [topic for topic in own if topic not in said_by_others]
        if not own:
            raise Invalid(
                f'{NAME} "{address}" gets no password: it has not announced itself yet. Let it do '
                "so once and run this again, or give it a user in passwords.local and its topics "
                "in acl.local."
            )
        return Speech((*sorted(filter(_is_plain, keys)), *own), (f"{PREFIX}/status",))

    def owns(self, topic: str) -> bool:
        """Whether the topic is a discovery topic, or announced and nobody else's."""
        if is_discovery(topic):
            return True
        known = self._announced
        return bool(known.on_topic(topic) or known.availabilities(topic)) and self._ours(topic)

    def read(self, message: RawMessage) -> Heard:
        """An announcement as a lesson, or the readings of the entities on an announced topic.

        Raises:
            Unreadable: an announcement that cannot be used.
        """
        check_size(message.payload)
        if is_discovery(message.topic):
            return self._read_announcement(message)
        if not message.payload:  # cleared
            return NOTHING
        found = Findings(receipt(message))
        for entity in self._announced.on_topic(message.topic):
            called = entity.quantity is Quantity.ACTION
            if entity.quantity is not None and (found.stamp.fresh or not called):
                device = DeviceId(NAME, entity.device)
                if entity.quantity not in _OF_THE_WHOLE:
                    device = input_of(device, entity.name)
                judged = partial(entity.judge, message.payload)
                found.judge(device, entity.quantity, entity.name, judged)
        self._read_availability(message, found)
        return found.heard()

    def learn(self, lesson: Lesson) -> bool:
        """Take up an announcement, or forget it."""
        if self._read_last is not None and self._read_last[0] is lesson:
            return self._announced.put(*lesson, self._read_last[1])
        try:
            said = self._of_use(lesson.key, lesson.content)
        except Unreadable:  # kept by an older version, which could use it
            said = None
        return self._announced.put(lesson.key, lesson.content, said)

    def _read_announcement(self, message: RawMessage) -> Heard:
        key, content = message.topic, message.payload
        if content == (self._announced.content(key) or b""):
            return NOTHING
        said = self._of_use(key, content)
        if said is not None:
            lesson = Lesson(key, content)
            self._read_last = lesson, said
            return Heard(lessons=(lesson,), of=DeviceId(NAME, said.entities[0].device))
        if self._announced.content(key) is None:
            return NOTHING
        return Heard(lessons=(Lesson(key, b""),))

    def _of_use(self, key: str, content: bytes) -> Announcement | None:
        """What is announced, without the topics that cannot be heard here or looked up."""
        said = announcement(key, content) if content else None
        if said is None:
            return None
        shaped = self._esphome.is_shaped
        entities = tuple(e for e in said.entities if self._ours(e.topic) or shaped(e.topic))
        here = any(not shaped(each.topic) for each in entities)  # no ESPHome board, that is
        there = tuple(
            each
            for each in said.availabilities
            if self._ours(each.topic) or (here and shaped(each.topic))
        )
        return Announcement(entities, there) if entities else None

    def _must_be_asked_for(self, topic: str) -> bool:
        """Whether no other filter brings the topic in; the answer never changes."""
        if (verdict := self._verdicts.get(topic)) is None:
            verdict = not self._esphome.is_shaped(topic) and self._ours(topic)
        return verdict

    def _ours(self, topic: str) -> bool:
        root = topic.partition("/")[0]
        if root == PREFIX:  # the documentation's own examples speak below it
            return not is_discovery(topic) and topic != f"{PREFIX}/status"
        return is_free(root) and not any(other.owns(topic) for other in self._others)

    def _read_availability(self, message: RawMessage, found: Findings) -> None:
        for each in self._announced.availabilities(message.topic):
            device = DeviceId(NAME, each.device)
            try:
                payload = message.payload
                said = each.template.render(payload) if each.template else as_text(payload)
            except Doubt as doubt:
                found.doubt(device, f"availability {doubt}")
                continue
            if said in (each.available, each.not_available):
                found.add(device, Quantity.LINK, said == each.available)


def _is_plain(topic: str) -> bool:
    """Whether it opens itself alone, in an access list too, which has a topic a line."""
    return topic.isprintable() and topic == topic.strip() and not set(topic) & set("+#")
