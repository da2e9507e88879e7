"""A seeded mix of texts for `bench content`: prose in two languages, tables, JSON, logs, base64; with planted values.

The shares are those of a company's shares and mailboxes as the literature has them: much prose and logs, few tables
of persons. All names, numbers and sentences are invented here; numbers that have check digits carry right ones.
"""

from __future__ import annotations

import base64
import json
import random
import re
import string
from collections.abc import Callable

SHARES: dict[str, float] = {
    "prose_zh": 0.27, "prose_en": 0.20, "numbers": 0.13, "json": 0.15, "log": 0.18, "base64": 0.05, "staff": 0.02,
}  # fmt: skip
"""Share of bytes by kind of document."""

_WORDS_EN = tuple(
    re.findall(
        r"\w+",
        "the of and to a in for is on that by this with you it not or be are from at as your all have new more an "
        "was we will can us about if page my has search free but our one other do no information time they site he "
        "up may what which their news out use any there see only so his when contact here business who web also now "
        "help get view delivery supplier contract meeting schedule furnace batch quality report customer invoice "
        "warehouse shipment design drawing process temperature sample vessel pump order material review approval "
        "budget quarter forecast",
    )
)
_WORDS_ZH = tuple(
    re.findall(
        r"\w+",
        "的 了 在 是 我们 公司 项目 会议 客户 合同 生产 质量 设备 计划 今天 明天 已经 可以 需要 关于 通知 报告 "
        "供应商 发货 仓库 订单 工艺 温度 样品 检验 图纸 研发 部门 负责 完成 进度 问题 处理 安排 时间 按照 要求 同时 "
        "如果 因为 所以 市场 价格 预算 季度 目标 团队 培训 安全 管理 系统 数据 更新 测试 版本 发布 用户 反馈 建议 "
        "讨论 决定 下周 确认",
    )
)
_SURNAMES, _GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗", "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚"
_ROADS = ("北京市朝阳区建国路", "上海市浦东新区世纪大道", "江苏省南京市鼓楼区中山北路", "广东省深圳市南山区科技南路")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Mix:
    """Makes documents of every kind from one seed, and counts what it planted."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self.planted: dict[str, list[str]] = {}

    def make(self, size: int) -> bytes:
        """Return a mix of about so many bytes."""
        makers: dict[str, Callable[[], str]] = {name: getattr(self, f"_{name}") for name in SHARES}
        sizes, parts = dict.fromkeys(SHARES, 0), []
        while sum(sizes.values()) < size:
            name = min(SHARES, key=lambda one: sizes[one] / SHARES[one])
            part = makers[name]().encode()
            sizes[name] += len(part)
            parts.append(part)
        self._random.shuffle(parts)
        return b"".join(parts)

    def _plant(self, kind: str) -> str:
        value: str = getattr(self, f"_a_{kind}")()
        self.planted.setdefault(kind, []).append(value)
        return value

    def _digits(self, count: int) -> str:
        return f"{self._random.randrange(10**count):0{count}d}"

    def _chosen(self, letters: str, count: int) -> str:
        return "".join(self._random.choices(letters, k=count))

    def _a_resident(self) -> str:
        pick = self._random.randrange
        region = self._random.choice(("110105", "310115", "320106", "440305", "510107"))
        body = f"{region}{pick(1950, 2006)}{pick(1, 13):02d}{pick(1, 29):02d}{pick(1000):03d}"
        return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]

    def _a_credit(self) -> str:
        body = "91" + "310115" + self._chosen(_CREDIT, 9)
        rest = sum(_CREDIT.index(c) * pow(3, n, 31) for n, c in enumerate(body)) % 31
        return body + _CREDIT[(31 - rest) % 31]

    def _a_mobile(self) -> str:
        return self._random.choice(("138", "139", "150", "186", "199")) + self._digits(8)

    def _a_card(self) -> str:
        return self._luhn("4" + self._digits(14))

    def _a_bank(self) -> str:
        return self._luhn("6222" + self._digits(14))

    def _luhn(self, body: str) -> str:
        total = sum(sum(divmod(int(c) * (2 - n % 2), 10)) for n, c in enumerate(reversed(body)))
        return body + str(-total % 10)

    def _a_email(self) -> str:
        return f"{self._chosen(string.ascii_lowercase, 6)}.{self._digits(2)}@example-works.cn"

    def _a_iban(self) -> str:
        body = self._digits(18)
        return f"DE{98 - int(body + '131400') % 97:02d}{body}"

    def _a_ssn(self) -> str:
        return f"{self._random.randrange(1, 665):03d}-{self._random.randrange(1, 99):02d}-{self._digits(3)}7"

    def _a_ip(self) -> str:
        return ".".join(str(self._random.randrange(1, 255)) for _ in range(4))

    def _a_plate(self) -> str:
        return self._random.choice("京沪粤苏浙") + self._random.choice("ABCDE") + self._digits(4) + "K"

    def _a_address(self) -> str:
        return f"{self._random.choice(_ROADS)}{self._random.randrange(1, 300)}号{self._random.randrange(1, 30)}栋"

    def _a_aws(self) -> str:
        return "AKIA" + self._chosen(string.ascii_uppercase + "234567", 16)

    def _a_github(self) -> str:
        return "ghp_" + self._chosen(string.ascii_letters + string.digits, 36)

    def _a_coordinates(self) -> str:
        return f"{self._random.uniform(20, 45):.6f},{self._random.uniform(80, 130):.6f}"

    def _name(self) -> str:
        return self._random.choice(_SURNAMES) + self._chosen(_GIVEN, 2)

    def _sentence(self, words: tuple[str, ...], between: str) -> str:
        return between.join(self._random.choices(words, k=self._random.randrange(8, 30)))

    def _prose_zh(self) -> str:
        planted = (
            ("，联系电话：", "mobile", 0.02),
            ("，身份证号", "resident", 0.015),
            ("，统一社会信用代码：", "credit", 0.01),
            ("，卡号", "bank", 0.01),
            ("，车牌", "plate", 0.01),
            ("，住址：", "address", 0.01),
            ("，邮箱 ", "email", 0.01),
        )
        return self._lines(lambda: "，".join(self._sentence(_WORDS_ZH, "") for _ in range(2)) + "。", planted)

    def _prose_en(self) -> str:
        planted = (
            (" Contact ", "email", 0.02),
            (" SSN: ", "ssn", 0.01),
            (" card ", "card", 0.01),
            (" IBAN ", "iban", 0.005),
        )
        return self._lines(lambda: self._sentence(_WORDS_EN, " ").capitalize() + ".", planted)

    def _lines(self, sentence: Callable[[], str], planted: tuple[tuple[str, str, float], ...]) -> str:
        lines = []
        for _ in range(self._random.randrange(20, 120)):
            line, chance = sentence(), self._random.random()
            for before, kind, share in planted:
                if 0 <= chance < share:
                    line += before + self._plant(kind)
                chance -= share
            lines.append(line)
        return "\n".join(lines) + "\n"

    def _staff(self) -> str:
        rows = ["姓名,性别,身份证号,手机号,邮箱,开户行卡号,住址,入职日期"]
        for _ in range(self._random.randrange(20, 300)):
            cells = [self._plant(kind) for kind in ("resident", "mobile", "email", "bank", "address")]
            rows.append(",".join([self._name(), self._random.choice("男女"), *cells, f"20{self._digits(2)}-03-01"]))
        return "\n".join(rows) + "\n"

    def _numbers(self) -> str:
        pick, rows = self._random.randrange, ["order_id,sku,qty,price,ts,lot_no,sensor"]
        rows += [
            f"{pick(10**17, 10**18)},SKU{self._digits(8)},{pick(100)},{pick(10**5) / 100:.2f},"
            f"{1_600_000_000 + pick(10**8)},L{self._digits(12)},{self._random.random() * 100:.4f}"
            for _ in range(pick(100, 600))
        ]
        return "\n".join(rows) + "\n"

    def _json(self) -> str:
        lines = []
        for _ in range(self._random.randrange(20, 150)):
            record: dict[str, object] = {
                "id": self._uuid(),
                "ts": 1_600_000_000_000 + self._random.randrange(10**11),
                "user": {"uid": self._random.randrange(10**9), "nick": self._name()},
                "hash": f"{self._random.getrandbits(160):040x}",
                "amount": round(self._random.random() * 1e4, 2),
                "msg": self._sentence(_WORDS_ZH, "") if self._random.random() < 0.5 else self._sentence(_WORDS_EN, " "),
            }
            for key, kind, share in (("phone", "mobile", 0.1), ("loc", "coordinates", 0.05), ("email", "email", 0.05)):
                if self._random.random() < share:
                    record[key] = self._plant(kind)
            lines.append(json.dumps(record, ensure_ascii=self._random.random() < 0.1))
        return "\n".join(lines) + "\n"

    def _log(self) -> str:
        lines, pick = [], self._random.randrange
        for _ in range(pick(100, 800)):
            day, second = pick(1, 29), f"{pick(24):02d}:{pick(60):02d}:{pick(60):02d}"
            chance = self._random.random()
            if chance < 0.6:
                lines.append(
                    f'{self._plant("ip")} - - [{day:02d}/Nov/2026:{second} +0800] "GET /api/v1/item/{pick(10**7)}'
                    f'?sid={self._uuid()} HTTP/1.1" 200 {pick(10**6)} "-" "Mozilla/5.0 (X11; Linux x86_64)"'
                )
            elif chance < 0.97:
                lines.append(
                    f"2026-11-{day:02d} {second}.{pick(1000):03d} INFO  [worker-{pick(64)}] c.e.s.OrderService - "
                    f"trace={self._random.getrandbits(128):032x} cost={pick(2000)}ms rows={pick(10**5)}"
                )
            elif chance < 0.99:
                lines.append(f"2026-11-{day:02d} WARN login phone={self._plant('mobile')} from {self._plant('ip')}")
            elif chance < 0.995:
                lines.append(f"2026-11-{day:02d} DEBUG aws_access_key_id={self._plant('aws')}")
            else:
                lines.append(f"2026-11-{day:02d} DEBUG token {self._plant('github')}")
        return "\n".join(lines) + "\n"

    def _base64(self) -> str:
        lines = (base64.b64encode(self._random.randbytes(57)).decode() for _ in range(self._random.randrange(50, 300)))
        return "\n".join(lines) + "\n"

    def _uuid(self) -> str:
        value = f"{self._random.getrandbits(128):032x}"
        return "-".join((value[:8], value[8:12], value[12:16], value[16:20], value[20:]))
