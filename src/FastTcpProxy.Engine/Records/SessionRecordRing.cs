using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Records;

/// <summary>
/// Takes the records of one loop to their writer: a ring with one producer (the loop) and one consumer (a thread of the caller).
/// A full ring drops the record; the producer never waits. Each side writes on lines of memory of its own, and looks at the other's count
/// only when what it saw of it last is used up.
/// </summary>
[StructLayout(LayoutKind.Explicit)]
public sealed class SessionRecordRing
{
    /// <summary>
    /// Records that can wait: at 20,000 sessions a second, more than the consumer's longest nap of 50 ms brings. A power of two.
    /// </summary>
    public const int Capacity = 4096;

    [FieldOffset(0)]
    private readonly SessionRecord[] _records = new SessionRecord[Capacity];

    // The consumer's. Before what is the loop's: the object that follows this one in memory is mostly the loop's too.
    [FieldOffset(64)]
    private long _read;
    [FieldOffset(72)]
    private long _writtenSeen;

    // The producer's.
    [FieldOffset(144)]
    private long _written;
    [FieldOffset(152)]
    private long _readSeen;

    /// <summary>Producer: a copy of the record goes in, unless the ring is full.</summary>
    internal bool TryWrite(in SessionRecord record)
    {
        long written = _written;
        if (written - _readSeen == Capacity)
        {
            _readSeen = Volatile.Read(ref _read);
            if (written - _readSeen == Capacity) return false;
        }
        _records[written & (Capacity - 1)] = record;
        // A release store: the consumer that sees the new count sees the whole record.
        Volatile.Write(ref _written, written + 1);
        return true;
    }

    /// <summary>Consumer: the oldest record comes out, if there is one.</summary>
    public bool TryRead(out SessionRecord record)
    {
        long read = _read;
        if (_writtenSeen == read)
        {
            _writtenSeen = Volatile.Read(ref _written);
            if (_writtenSeen == read)
            {
                record = default;
                return false;
            }
        }
        ref SessionRecord slot = ref _records[read & (Capacity - 1)];
        record = slot;
        // What the record refers to must not outlive it here.
        slot = default;
        // A release store: the producer that sees the new count may overwrite the slot.
        Volatile.Write(ref _read, read + 1);
        return true;
    }
}
