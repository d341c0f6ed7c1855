using System.Runtime.CompilerServices;

namespace FastTcpProxy.Engine.Outcomes;

/// <summary>One connect to one upstream, as it is recorded. 8 bytes.</summary>
/// <param name="Upstream">The upstream's place in the list.</param>
/// <param name="Address">Which of the addresses of its name, from 0.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Microseconds">How long it took, at most 71 minutes.</param>
public readonly record struct Attempt(ushort Upstream, byte Address, AttemptOutcome Outcome, uint Microseconds);

/// <summary>The first attempts of a session, in order. A value of fixed size, so that it costs no allocation.</summary>
public struct AttemptList
{
    /// <summary>How many attempts are recorded; later ones are only counted.</summary>
    public const int RecordedMax = 16;

    private Storage _items;

    /// <summary>How many attempts there were, those that are not recorded too.</summary>
    public int Total { get; private set; }

    /// <summary>How many are recorded.</summary>
    public readonly int Count => Math.Min(Total, RecordedMax);

    public readonly Attempt this[int index] => index < Count ? _items[index] : throw new ArgumentOutOfRangeException(nameof(index));

    public void Add(Attempt attempt)
    {
        if (Total < RecordedMax) _items[Total] = attempt;
        Total++;
    }

    [InlineArray(RecordedMax)]
    private struct Storage
    {
        private Attempt _first;
    }
}
