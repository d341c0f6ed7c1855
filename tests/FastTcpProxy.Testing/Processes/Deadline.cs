using System.Diagnostics;

namespace FastTcpProxy.Testing.Processes;

/// <summary>
/// A point in time by which something must have happened. Immutable, so any thread may use it; it holds nothing.
/// It exists so that one wait made of several steps has one bound, and no step adds its own on top.
/// </summary>
public readonly struct Deadline
{
    /// <summary>
    /// The bound of a wait whose length no test is about: start-up, a line in a log, a reply. It is long because two cores may be busy
    /// with other test projects; a test that passes never waits for it.
    /// </summary>
    public static readonly TimeSpan Patient = TimeSpan.FromSeconds(30);

    private readonly long _endTicks;

    private Deadline(long endTicks) => _endTicks = endTicks;

    /// <summary>The deadline <paramref name="span"/> from now, or <see cref="Patient"/> from now when it is null.</summary>
    public static Deadline After(TimeSpan? span = null) =>
        new(Stopwatch.GetTimestamp() + (long)((span ?? Patient).TotalSeconds * Stopwatch.Frequency));

    /// <summary>What is left; never negative.</summary>
    public TimeSpan Remaining =>
        TimeSpan.FromSeconds(Math.Max(0, _endTicks - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency);

    public bool HasPassed => Stopwatch.GetTimestamp() >= _endTicks;
}
