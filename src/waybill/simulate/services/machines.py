"""What runs by itself: controllers of plants, the shop's and the town's visitors, and programs in the cloud."""

from __future__ import annotations

from datetime import date

from waybill.simulate.names import outside_address
from waybill.simulate.offices import Office, at
from waybill.simulate.sources import cloudtrail, ot, postgres, transfers, web_access

_PAGES = ("/", "/search", "/items", "/basket", "/checkout", "/help", "/notices", "/services", "/forms")
_NODES = ("ns=2;s=Furnace", "ns=2;s=Fan", "ns=2;s=Pump", "ns=2;s=Conveyor", "ns=2;s=Gas")
_STATUSES = (*(200,) * 90, *(304,) * 20, *(404,) * 6, *(403,) * 2, 500)


def visitors(office: Office, day: date, *, server: str, count: int) -> None:
    """Let people from outside look at pages of a web server."""
    random = office.random
    for _ in range(count):
        moment = at(day, 24 * random.betavariate(2, 1.6))
        path = office.names.of(_PAGES)
        if random.random() < 0.4:
            path = f"{path.rstrip('/')}/{random.randrange(1, 4000)}"
        status = office.names.of(_STATUSES)
        size = 0 if status == 304 else office.size(12_000)
        address = outside_address(random)
        record = web_access.request(moment, server=server, address=address, path=path, status=status, size=size)
        office.write(web_access.LAYOUT, moment, record)


def controllers(office: Office, day: date, *, count: int) -> None:
    """Let operators change set points of a plant, at all hours."""
    random = office.random
    operators = [person for person in office.organisation.people if person.is_employed(day)]
    for _ in range(count):
        moment, operator = at(day, 24 * random.random()), office.names.of(operators)
        old = round(random.uniform(20, 80), 1)
        record = ot.opcua_write(
            random,
            moment,
            server=office.shared_host,
            client=operator.host,
            user=operator.account,
            node=f"{office.names.of(_NODES)}{random.randrange(1, 9)}.SetPoint",
            old=old,
            new=round(old + random.gauss(0, 2), 1),
        )
        office.write(ot.OPCUA, moment, record)


def programs(office: Office, day: date, *, count: int) -> None:
    """Let the shop's programs fetch and put objects, each under its role."""
    random, names = office.random, office.names
    for _ in range(count):
        moment, role = at(day, 24 * random.random()), names.of(("web", "orders", "reports", "backup"))
        move = cloudtrail.get_object if random.random() < 0.7 else cloudtrail.put_object
        record = move(
            random,
            moment,
            identity=cloudtrail.role(office.organisation.label, role, f"i-0{names.of(_MACHINES)}"),
            address=f"{office.organisation.network}.9.{random.randrange(2, 60)}",
            bucket=office.bucket,
            key=f"{role}/{day:%Y/%m}/{random.randrange(16**8):08x}.json",
            size=office.size(20_000),
        )
        office.write(cloudtrail.LAYOUT, moment, record)


_MACHINES = tuple(f"{number:016x}" for number in range(0xA1B2C3D4E5, 0xA1B2C3D4E5 + 8))


def platform(office: Office, day: date, *, count: int) -> None:
    """Let the shop's own program read customers a few at a time, as they come."""
    random = office.random
    start = at(day, 0.1)
    session = postgres.Session(
        random,
        start,
        user=f"svc_{office.database}",
        database=office.database,
        address=f"{office.organisation.network}.9.8",
        application="platform",
    )
    lines = session.connect()
    for moment in sorted(at(day, 0.2 + 23 * random.random()) for _ in range(count)):
        rows = 1 + int(random.expovariate(1 / 60))
        table = office.vital
        statement = f"TABLE {table} LIMIT {rows}"
        lines.append(session.audit(moment, "SELECT", relation=f"public.{table}", statement=statement, rows=rows))
    for moment, record in lines:
        office.write(postgres.LAYOUT, moment, record)


def appointments(office: Office, day: date, *, count: int) -> None:
    """Let the clinic's own app ask for appointments."""
    random = office.random
    for _ in range(count):
        moment = at(day, 7 + 12 * random.random())
        columns = {
            "action": "read",
            "channel": "cloud-api",
            "outcome": "success",
            "actor": f"app-{office.database}",
            "actor_kind": "service",
            "application": "fhir-api",
            "asset": "appointments",
            "asset_kind": "data",
            "from_place": f"fhir.{office.organisation.domain}",
            "to_place": f"app.{office.organisation.domain}",
            "bytes": office.size(3_000),
            "records": 1 + int(random.expovariate(1 / 8)),
        }
        office.write(transfers.LAYOUT, moment, transfers.transfer(moment, **columns))
