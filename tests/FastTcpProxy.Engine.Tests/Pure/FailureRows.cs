using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>The rows of <see cref="FailureTable"/>, for tests that know only how an attempt is recorded.</summary>
internal static class FailureRows
{
    public static IReadOnlyList<Failure> All { get; } =
        [.. typeof(FailureTable).GetProperties().Select(p => (Failure)p.GetValue(null)!).OrderBy(f => f.Kind)];

    public static Failure Of(AttemptOutcome outcome) => All.First(f => f.Outcome == outcome);
}
