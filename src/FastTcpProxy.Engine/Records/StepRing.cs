namespace FastTcpProxy.Engine.Records;

/// <summary>
/// Takes the steps of one loop to their reader: one producer (the loop), one consumer (a thread of the caller). A full ring drops the step
/// and counts it; the producer never waits. Unlike <see cref="SessionRecordRing"/> it is used for a few sessions only, and does without
/// lines of memory for each side.
/// </summary>
public sealed class StepRing
{
    /// <summary>Steps that can wait: some hundred sessions' between two looks of the reader. A power of two.</summary>
    public const int Capacity = 1024;

    private readonly SessionStep[] _steps = new SessionStep[Capacity];
    private long _read;
    private long _written;
    private long _dropped;

    /// <summary>Steps that found the ring full. Any thread.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Producer: a copy of the step goes in, unless the ring is full.</summary>
    internal void Write(in SessionStep step)
    {
        long written = _written;
        if (written - Volatile.Read(ref _read) == Capacity)
        {
            Volatile.Write(ref _dropped, _dropped + 1);
            return;
        }
        _steps[written & (Capacity - 1)] = step;
        // A release store: the consumer that sees the new count sees the whole step.
        Volatile.Write(ref _written, written + 1);
    }

    /// <summary>Consumer: the oldest step comes out, if there is one.</summary>
    public bool TryRead(out SessionStep step)
    {
        long read = _read;
        step = default;
        if (Volatile.Read(ref _written) == read) return false;
        ref SessionStep slot = ref _steps[read & (Capacity - 1)];
        step = slot;
        // What the step refers to must not outlive it here.
        slot = default;
        // A release store: the producer that sees the new count may overwrite the slot.
        Volatile.Write(ref _read, read + 1);
        return true;
    }
}
