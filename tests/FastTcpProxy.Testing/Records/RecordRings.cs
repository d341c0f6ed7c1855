using FastTcpProxy.Engine.Records;

namespace FastTcpProxy.Testing.Records;

/// <summary>Plays the loop that writes into a ring of records, for tests of its reader. One thread at a time for a ring.</summary>
public static class RecordRings
{
    /// <summary>False when the ring is full.</summary>
    public static bool TryWrite(SessionRecordRing ring, in SessionRecord record)
    {
        ArgumentNullException.ThrowIfNull(ring);
        return ring.TryWrite(in record);
    }
}
