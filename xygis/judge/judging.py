"""Rules × measures × project facts → findings of one parcel. Knows no geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from xygis.atlas.law import Citation, Instrument, Rule, Selection, counts_on
from xygis.atlas.layer import Layer
from xygis.atlas.verdict import DataState, LayerState, Verdict, worst
from xygis.judge.facts import USE, Facts
from xygis.judge.finding import Finding, Need, worst_first
from xygis.judge.message import message
from xygis.judge.trial import Trial, answers, try_rule
from xygis.judge.truth import Doubt, Truth
from xygis.numbers import square_metres
from xygis.overlay.measure import Measure
from xygis.overlay.measuring import Question

NO_RULE = "DATA-01"  # code of a finding about a layer that no rule asks about
NO_BASE = "BASE-01"  # code of the finding that the rule base does not reach back to the day


def rules_on(rules: Sequence[Rule], on: date) -> tuple[Rule, ...]:
    """The version of each rule that counts on that day; the last day of validity still counts."""
    return tuple(r for r in rules if counts_on(r, on))


def questions(rules: Sequence[Rule], layer: str, facts: Facts) -> tuple[Question, ...]:
    """What the rules that may apply to such a project want to know of a layer, each selection once."""
    asked: dict[Selection, bool] = {}
    for rule in rules:
        if rule.selection.layer == layer and facts.holds(rule.applies_to)[0] is not False:
            asked[rule.selection] = asked.get(rule.selection, False) or any(c.fact == "distance_m" for c in rule.when)
    return tuple(Question(selection=s, distance=d) for s, d in asked.items())


def in_force(basis: Sequence[Citation], instruments: Sequence[Instrument], on: date) -> tuple[Citation, ...]:
    """Only the citations whose instrument is in force on that day."""
    live = {(i.name, i.version) for i in instruments if i.in_force_on(on)}
    return tuple(c for c in basis if (c.instrument, c.version) in live)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Everything a judgement rests on besides the parcel: the rules of the day, the layers, the project facts."""

    rules: tuple[Rule, ...]
    instruments: tuple[Instrument, ...]
    layers: tuple[Layer, ...]
    facts: Facts
    on: date
    complete_from: date | None = None  # of the rule base

    def judge(self, name: str, area_m2: float, measures: Sequence[Measure], doubtful: Sequence[str] = ()) -> tuple[Finding, ...]:
        """The findings of one parcel, worst first."""
        found = list(self.of_parcel(name, doubtful))
        for layer, measure in zip(self.layers, measures, strict=True):
            found += self.of_layer(name, area_m2, layer, measure)
        return worst_first(found)

    def of_parcel(self, name: str, doubtful: Sequence[str] = ()) -> tuple[Finding, ...]:
        """What is to be said whatever the layers measure: the boundary, the reach of the rule base, layers nobody declared."""
        found: list[Finding] = [_boundary(name, reason) for reason in doubtful]
        if not self.rules or (self.complete_from is not None and self.on < self.complete_from):
            found.append(_no_law(self.on, self.complete_from))
        return (*found, *self._unknown_layers(name))

    def of_layer(self, name: str, area_m2: float, layer: Layer, measure: Measure) -> tuple[Finding, ...]:
        """The findings about one layer; no other layer has a part in them."""
        if not answers(measure):
            return (self._unanswered(name, layer, measure),)
        found = []
        if not self.rules_about(layer) and layer.role == "control" and measure.state is LayerState.CONCERNED:
            found.append(self._unruled(name, layer, measure))
        found += [self._finding(t, name, area_m2, layer, measure) for t in self.trials(area_m2, layer, measure) if t.fires]
        if measure.unmapped_m2 > 0.0:
            found.append(self._unanswered(name, layer, measure))
        return tuple(found)

    def rules_about(self, layer: Layer) -> tuple[Rule, ...]:
        """The rules of the day that ask about the layer."""
        return tuple([r for r in self.rules if r.selection.layer == layer.id])

    def open_rules(self, layer: Layer) -> tuple[Rule, ...]:
        """Of them, those that might apply to the project: they stand open where the layer could not answer."""
        return tuple([r for r in self.rules_about(layer) if self.facts.holds(r.applies_to)[0] is not False])

    def trials(self, area_m2: float, layer: Layer, measure: Measure) -> tuple[Trial, ...]:
        """Every rule about the layer, tried; none where the layer could not answer."""
        if not answers(measure):
            return ()
        return tuple([try_rule(rule, self.facts, area_m2, measure) for rule in self.rules_about(layer)])

    def _finding(self, trial: Trial, name: str, area_m2: float, layer: Layer, measure: Measure) -> Finding:
        """The finding of a rule that fires."""
        rule, part, truth, certain = trial.rule, trial.part, trial.truth, trial.certain
        assert part is not None and truth is not None
        return Finding(
            rule=rule.code,
            title=rule.title,
            layer=layer.id,
            verdict=rule.verdict if certain else Verdict.UNDETERMINED,
            best=rule.verdict if certain else Verdict.COMPLIANT,
            worst=rule.verdict,
            needs=() if certain else self._needs(name, layer, measure, rule, truth, trial.open_facts),
            text=message(rule, part, area_m2, sliver=Doubt.SLIVER in truth.doubts),
            selection=rule.selection,
            overlap_m2=part.overlap_m2 if part.overlap_m2 > 0.0 else part.possible_m2 or part.overlap_m2,
            authority=rule.authority,
            documents=rule.documents,
            remedy=rule.remedy,
            penalty=rule.penalty,
            basis=in_force(rule.basis, self.instruments, self.on),
        )

    def _unknown_layers(self, name: str) -> list[Finding]:
        """The rules of the day ask about layers that the catalogue does not declare: a slip there must not lift a restriction."""
        declared = {layer.id for layer in self.layers}
        out = []
        for layer_id in dict.fromkeys(r.selection.layer for r in self.rules if r.selection.layer not in declared):
            rules = [r for r in self.rules if r.selection.layer == layer_id and self.facts.holds(r.applies_to)[0] is not False]
            if not rules:
                continue
            strictest = min(rules, key=lambda r: r.verdict.rank)
            text = f"规则 {strictest.code} 所问的图层 {layer_id} 未在图集登记，{name}本项无法判定。没有数据不等于没有限制。"
            need = Need(text=f"在 catalogue.toml 登记图层 {layer_id}，或改正规则中的图层名", provider="图集维护单位")
            out.append(_open(strictest.code, f"图层 {layer_id} 未登记", layer_id, strictest.verdict, need, text, None))
        return out

    def _unruled(self, name: str, layer: Layer, measure: Measure) -> Finding:
        """A control layer is touched and no rule of the day says what that means."""
        text = f"{name}与{layer.title}重叠 {square_metres(measure.overlap_m2)} m²，规则库在基准日没有对应的规则，本项无法判定。"
        need = Need(text=f"{layer.title}在基准日有效的管控规则", provider="规则库维护单位")
        return _open(NO_RULE, f"{layer.title}没有可用的规则", layer.id, Verdict.PROHIBITED, need, text, measure.overlap_m2)

    def _needs(self, name: str, layer: Layer, measure: Measure, rule: Rule, truth: Truth, open_facts: tuple[str, ...]) -> tuple[Need, ...]:
        needs = []
        if Doubt.EXTENT in truth.doubts:
            needs.append(_missing_layer(layer, measure))
        if Doubt.SLIVER in truth.doubts or Doubt.ACCURACY in truth.doubts:
            needs.append(Need(text=f"核实界址：{name}与{layer.title}交界处的界址核实说明", provider="勘测定界单位"))
        if Doubt.ATTRIBUTE in truth.doubts:
            fields = "、".join(field for field, _ in rule.selection.where)
            needs.append(
                Need(
                    text=f"{layer.title}所涉图斑的分区属性（{fields} 字段为空，或其值不在图层的对照表中）",
                    provider=layer.authority or "图层主管部门",
                )
            )
        for fact in open_facts:
            known = self.facts.get(fact)
            title = "拟定用途（用地用海分类代码）" if fact == USE else (known.dispute or known.fact.title) if known else fact
            needs.append(Need(text=title, provider="申请人", fact=fact))
        return tuple(needs)

    def _unanswered(self, name: str, layer: Layer, measure: Measure) -> Finding:
        """One finding for a layer that could not answer: all its rules that might apply stand open."""
        open_rules = self.open_rules(layer)
        strictest = min(open_rules, key=lambda r: r.verdict.rank, default=None)
        limit = worst([r.verdict for r in open_rules], default=Verdict.UNDETERMINED)
        return Finding(
            rule=strictest.code if strictest else NO_RULE,
            title=f"{layer.title}{_missing_title(measure)}",
            layer=layer.id,
            verdict=Verdict.UNDETERMINED,
            best=Verdict.COMPLIANT,
            worst=limit,
            needs=(_missing_layer(layer, measure),),
            text=_missing_text(name, layer, measure),
            overlap_m2=measure.overlap_m2,
            authority="",
            documents=(),
            remedy="",
            basis=in_force(strictest.basis, self.instruments, self.on) if strictest else (),
        )


def _no_law(on: date, complete_from: date | None) -> Finding:
    since = f"规则库自 {complete_from} 起完整，基准日 {on} 更早" if complete_from is not None and on < complete_from else "图集没有规则"
    need = Need(text="基准日有效的全部管控规则", provider="规则库维护单位")
    return _open(NO_BASE, "规则库不覆盖基准日", "", Verdict.PROHIBITED, need, f"{since}。没有列出的限制不等于没有限制。", None)


def _open(rule: str, title: str, layer: str, limit: Verdict, need: Need, text: str, overlap_m2: float | None, remedy: str = "") -> Finding:
    """A finding that decides nothing: anything from 符合 to `limit` is possible until the need is met."""
    return Finding(
        rule=rule,
        title=title,
        layer=layer,
        verdict=Verdict.UNDETERMINED,
        best=Verdict.COMPLIANT,
        worst=limit,
        needs=(need,),
        text=text,
        overlap_m2=overlap_m2,
        authority="",
        documents=(),
        remedy=remedy,
        basis=(),
    )


def _boundary(name: str, reason: str) -> Finding:
    text = f"{name}：{reason}。界址核实前不作结论。"
    remedy = "核对坐标后重新送审；确认修复无误的，加 --accept-repairs 重新审查"
    need = Need(text=f"核实界址：{name}的界址点坐标", provider="勘测定界单位")
    return _open("BOUNDARY-01", "界址存疑", "", Verdict.UNDETERMINED, need, text, None, remedy)


def _missing_title(measure: Measure) -> str:
    if measure.data is DataState.EXPIRED:
        return "已过有效期"
    if measure.data is DataState.BROKEN:
        return "数据损坏"
    return "部分无数据" if measure.state is LayerState.CONCERNED else "无数据"


def _missing_layer(layer: Layer, measure: Measure) -> Need:
    what = {DataState.EXPIRED: "现行有效的", DataState.BROKEN: "完整的"}.get(measure.data, "覆盖本地块的")
    return Need(text=f"{what}{layer.title}成果", provider=layer.authority or "图层主管部门")


def _missing_text(name: str, layer: Layer, measure: Measure) -> str:
    match measure.data:
        case DataState.MISSING:
            return f"图集没有{layer.title}数据，{name}本项无法判定。没有数据不等于没有限制。"
        case DataState.BROKEN:
            return f"{layer.title}数据无法读取，{name}本项无法判定。没有数据不等于没有限制。"
        case DataState.EXPIRED:
            until = f"（有效期至 {layer.valid_until}）" if layer.valid_until else ""
            hit = f"按该数据重叠 {square_metres(measure.overlap_m2)} m²，仅供参考。" if measure.overlap_m2 else ""
            return f"{layer.title}数据在基准日无效{until}，{name}本项无法判定。{hit}"
    return f"{name}有 {square_metres(measure.unmapped_m2)} m² 位于{layer.title}的声明范围之外，该部分无法判定。没有数据不等于没有限制。"
