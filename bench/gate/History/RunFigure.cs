using FastTcpProxy.Gate.Verdicts;

namespace FastTcpProxy.Gate.History;

/// <summary>One figure of a run. Immutable.</summary>
/// <param name="Group">The step that it is of: "gate", or a load scenario.</param>
/// <param name="Name">With its unit.</param>
/// <param name="Head">What the head takes.</param>
/// <param name="Base">What the base takes; null where only the head was measured.</param>
/// <param name="Change">From base to head: in the figure's unit for an exact one, as a part of the base's for a statistical one.</param>
/// <param name="Limit">The change that is let pass, in the same measure.</param>
/// <param name="Kind">Null where only the head was measured.</param>
public sealed record RunFigure(
    string Group, string Name, double Head, double? Base = null, double? Change = null, double? Limit = null, VerdictKind? Kind = null,
    bool IsRegression = false)
{
    /// <summary>The group of what <see cref="Reporting.GateReport"/> holds.</summary>
    public const string GateGroup = "gate";

    public static RunFigure From(Verdict verdict) =>
        new(GateGroup, verdict.Figure, verdict.Head, verdict.Base, verdict.Change, verdict.Limit, verdict.Kind, verdict.IsRegression);
}
