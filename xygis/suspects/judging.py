"""Facts of a patch × the law of its day → one verdict with its reasons. 合法 is earned; whatever is not known ends in 待核."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from xygis.atlas.law import Citation, Instrument, counts_on
from xygis.atlas.suspect_law import Circumstance, Situation, SuspectLaw, SuspectVerdict
from xygis.judge.judging import in_force
from xygis.numbers import square_metres
from xygis.suspects.coverage import Coverage, coverage_of
from xygis.suspects.facts import PatchFacts, PermitHit, Standing
from xygis.suspects.spans import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that is said of a patch. verdict None: it is said besides, and decides nothing alone."""

    code: str
    title: str
    text: str
    verdict: SuspectVerdict | None
    needs: str
    area_m2: float | None
    basis: tuple[Citation, ...]
    verified: bool
    place: bool = False
    sure: bool = True  # of a place: not mere contact within the accuracy


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """best and worst are equal but for 待核. place: code of the strictest place that it surely lies in, else possibly."""

    verdict: SuspectVerdict
    best: SuspectVerdict
    worst: SuspectVerdict
    situation: str
    assumed: bool
    level: int
    place: str | None
    reasons: tuple[Reason, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(r.needs for r in self.reasons if r.needs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What patches are judged by. complete_from: the first day for which the base claims to hold all law."""

    law: SuspectLaw
    instruments: tuple[Instrument, ...]
    complete_from: date | None

    def judge(self, facts: PatchFacts) -> Judgement:
        """The verdict of one patch."""
        law = self.law
        stated = [s for s in law.situations if s.code == facts.situation]
        assumed = next(s for s in law.situations if s.assumed)
        tried = {s.code: self._outcome(s, facts) for s in (stated or law.situations)}
        main = stated[0] if stated else assumed
        reason = tried[main.code]
        if not stated and reason.verdict is not SuspectVerdict.LEGAL and len({r.verdict for r in tried.values()}) > 1:
            other = self._circumstance("kind_open", main, facts)
            reason = self._reason(other, coverage_of(main, facts, law), main, facts) if other else _lawless(facts)
        places = self._places(facts)
        doubts = self._doubts(facts, reason, places)
        verdict = SuspectVerdict.VERIFY if doubts else reason.verdict or SuspectVerdict.VERIFY
        unfounded = facts.image is None or facts.image.last > facts.on or bool(facts.permits_reason)  # "no permit" would be no fact
        lies = next((p for p in places if p.sure), places[0] if places else None)
        level = len(law.levels)
        if lies is not None:
            level = min(p.level for p in law.places if p.code in {r.code for r in places if r.sure == lies.sure})
        best, worst = (SuspectVerdict.LEGAL, SuspectVerdict.SUSPECTED) if verdict is SuspectVerdict.VERIFY else (verdict, verdict)
        return Judgement(
            verdict=verdict,
            best=best,
            worst=worst,
            situation=main.code,
            assumed=not stated,
            level=level,
            place=lies.code if lies else None,
            reasons=(*doubts, *(() if unfounded else (reason,)), *places),  # what decides stands first
        )

    def _outcome(self, situation: Situation, facts: PatchFacts) -> Reason:
        """What the permits say if this is what was built."""
        found = coverage_of(situation, facts, self.law)
        circumstance = self._circumstance(found.fact, situation, facts)
        return self._reason(circumstance, found, situation, facts) if circumstance is not None else _lawless(facts)

    def _circumstance(self, fact: str, situation: Situation, facts: PatchFacts) -> Circumstance | None:
        day = _day(facts)
        fit = [c for c in self.law.circumstances if c.fact == fact and counts_on(c, day)]
        return next((c for c in fit if not c.situations or situation.code in c.situations), None)

    def _reason(self, c: Circumstance, found: Coverage, situation: Situation, facts: PatchFacts) -> Reason:
        words = {
            "area_m2": square_metres(facts.area_m2),
            "covered_m2": square_metres(max(0.0, facts.area_m2 - found.beyond_m2)),
            "beyond_m2": square_metres(found.beyond_m2),
            "permits": "、".join(dict.fromkeys(h.permit.label for h in found.hits)) or "（没有许可）",
            "date": str(facts.image) if facts.image else "（不明）",
            "situation": situation.title,
            "missing": "、".join(found.missing),
        }
        return Reason(
            code=c.code,
            title=c.title,
            text=c.text.format_map(words),
            verdict=c.verdict,
            needs=c.needs,
            area_m2=found.beyond_m2 if c.fact in ("beyond", "borderline") else facts.area_m2,
            basis=in_force(c.basis, self.instruments, _day(facts)),
            verified=c.verified,
        )

    def _places(self, facts: PatchFacts) -> list[Reason]:
        """The places that the patch lies in or may lie in, strictest first."""
        out = []
        for fact in facts.places:
            if fact.overlap is None or not fact.overlap.possibly:
                continue
            place = next((p for p in self.law.places if p.code == fact.code and counts_on(p, _day(facts))), None)
            if place is None:
                continue
            sure = fact.overlap.surely
            edge = "" if sure else f"（临界：在影像和图层的误差以内，可能不在其中{'；' + fact.reason if fact.reason else ''}）"
            area = fact.overlap.point or fact.overlap.high
            out.append(
                Reason(
                    code=place.code,
                    title=place.title,
                    text=place.text.format_map({"overlap_m2": square_metres(area)}) + edge,
                    verdict=None,
                    needs="",
                    area_m2=area,
                    basis=in_force(place.basis, self.instruments, _day(facts)),
                    verified=place.verified,
                    place=True,
                    sure=sure,
                )
            )
        return out

    def _doubts(self, facts: PatchFacts, reason: Reason, places: Sequence[Reason]) -> list[Reason]:
        """Why the verdict cannot stand as it is; an empty list lets it stand."""
        law, out = self.law, []
        if facts.image is None:
            out.append(
                _open("KW-91", "影像日期不明", "没有能读懂的影像日期，不能判断当时有没有许可、适用哪一版法律。", "影像日期（后时相）")
            )
        elif facts.image.last > facts.on:
            out.append(_open("KW-92", "影像日期有误", f"影像日期{facts.image}晚于基准日{facts.on}。", "正确的影像日期"))
        if facts.permits_reason:
            out.append(
                _open(
                    "KW-93",
                    "没有许可数据",
                    f"{facts.permits_reason}，合法与否都不能判断。没有数据不等于没有许可。",
                    "用地审批和规划许可成果",
                )
            )
        if facts.outside_city_m2 > facts.area_m2 / 2:
            text = f"图斑有 {square_metres(facts.outside_city_m2)} m² 在市域以外，该部分没有数据。"
            out.append(_open("KW-94", "图斑在市域以外", text, "图斑所在的行政区"))
        if facts.width_m < law.image_accuracy_m:
            text = f"图斑平均宽 {facts.width_m:.2f} m，小于影像误差 {law.image_accuracy_m:g} m。"
            out.append(_open("KW-95", "图斑小于影像误差", text, "图斑的实测界址"))
        if reason.verdict is SuspectVerdict.LEGAL:
            out += self._not_so_lawful(facts, places)
        elif reason.verdict is SuspectVerdict.SUSPECTED:
            if facts.image is not None and facts.permits_as_of is not None and facts.permits_as_of < facts.image.last:
                text = f"许可数据截至 {facts.permits_as_of}，早于影像日期{facts.image}，其间批准的许可不在其中。"
                out.append(_open("KW-89", "许可数据早于影像", text, "影像日期以前的全部许可"))
            if reason.code in self._new_building_only():
                out += self._history(facts)
        return out

    def _not_so_lawful(self, facts: PatchFacts, places: Sequence[Reason]) -> list[Reason]:
        """What takes 合法 away again: places that forbid, layers that do not answer, doubts about the border, permits that ended."""
        law, out = self.law, []
        forbidding = {p.code for p in law.places if p.forbids}
        for place in places:
            if place.code in forbidding:
                text = f"许可齐备，但{place.text}许可是否依法作出须复核。"
                out.append(_open("KW-96", f"许可与{place.title}相抵触", text, f"{place.title}内批准建设的依据"))
        for fact in facts.places:
            if fact.overlap is None and fact.code in forbidding:
                out.append(_open("KW-97", "图层没有数据", f"{fact.reason}，不能排除禁止建设的区域。", f"{self._title(fact.code)}成果"))
        out += [_open("KW-98", "图斑边界存疑", f"{doubt}。", "图斑的实测界址") for doubt in facts.doubtful]
        if self.complete_from is not None and _day(facts) < self.complete_from:
            text = f"规则库自 {self.complete_from} 起完整，影像日期更早，当时的法律不全。"
            out.append(_open("KW-99", "规则库不覆盖影像日期", text, "影像日期有效的法律"))
        main = next(s for s in law.situations if s.code == facts.situation or (facts.situation is None and s.assumed))
        ended = tuple(h for h in facts.hits if h.ended)
        wrong = tuple(h for h in facts.hits if h.standing is Standing.VALID and self._other_use(h, facts))
        for fact_name, hits in (("ended", ended), ("other_use", wrong)):
            circumstance = self._circumstance(fact_name, main, facts) if hits else None
            if circumstance is not None:
                found = Coverage(fact=fact_name, hits=hits, beyond_m2=0.0, missing=())
                out.append(self._reason(circumstance, found, main, facts))
        return out

    def _other_use(self, hit: PermitHit, facts: PatchFacts) -> bool:
        """Whether both say what they are for, in classes that are not the same."""
        return bool(facts.use_code and hit.use_code and facts.use_code[:2] != hit.use_code[:2])

    def _history(self, facts: PatchFacts) -> list[Reason]:
        """Land that was built on before is no new building, or may be none."""
        main = next(s for s in self.law.situations if s.code == facts.situation or (facts.situation is None and s.assumed))
        if facts.built is None:
            return [_open("KW-90", "现状地类没有数据", "没有影像以前的现状地类，不能排除历史遗留。", "影像以前的现状地类")]
        allowed = min(self.law.beyond_m2, self.law.beyond_share * facts.area_m2)
        new_at_least, new = facts.area_m2 - facts.built.high, facts.area_m2 - facts.built.point
        if new_at_least > allowed:
            return []
        circumstance = self._circumstance("history" if facts.built_before and new <= allowed else "perhaps_history", main, facts)
        found = Coverage(fact="history", hits=(), beyond_m2=0.0, missing=())
        return [self._reason(circumstance, found, main, facts) if circumstance is not None else _lawless(facts)]

    def _new_building_only(self) -> set[str]:
        """Circumstances that blame a new building on land without permits."""
        return {c.code for c in self.law.circumstances if c.fact in ("none", "other_kind")}

    def _title(self, code: str) -> str:
        return next(p.title for p in self.law.places if p.code == code)


def _day(facts: PatchFacts) -> date:
    """The day whose law counts: that of the act, as the image shows it; that of the check where it is not known."""
    return facts.image.last if facts.image is not None else facts.on


def _open(code: str, title: str, text: str, needs: str) -> Reason:
    return Reason(code=code, title=title, text=text, verdict=SuspectVerdict.VERIFY, needs=needs, area_m2=None, basis=(), verified=True)


def _lawless(facts: PatchFacts) -> Reason:
    """The base holds no law for the day of the image."""
    day: Span | date = facts.image or facts.on
    return _open("KW-99", "规则库不覆盖影像日期", f"规则库没有{day}有效的规定，不能判断。", "影像日期有效的法律")
