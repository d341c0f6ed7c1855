namespace FastTcpProxy.Testing.Simulation;

/// <summary>
/// One way of a simulated connection: a bounded ring of bytes, of which the first ones have arrived and the others are on their way or held
/// back. One thread; owned by the end that sends into it.
/// </summary>
internal sealed class SimPipe(int capacity)
{
    private readonly byte[] _ring = new byte[capacity];
    private int _start;
    private int _used;

    /// <summary>Bytes that can be read.</summary>
    public int Arrived { get; private set; }

    /// <summary>Whether the end of the stream has arrived behind them.</summary>
    public bool EndArrived { get; set; }

    /// <summary>When the segment that was sent last arrives: none overtakes another.</summary>
    public long LastArrivalUs { get; set; }

    /// <summary>Bytes that are held back or on their way.</summary>
    public int Unarrived => _used - Arrived;

    public int Room => _ring.Length - _used;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        int at = (_start + _used) % _ring.Length;
        int first = Math.Min(bytes.Length, _ring.Length - at);
        bytes[..first].CopyTo(_ring.AsSpan(at));
        bytes[first..].CopyTo(_ring);
        _used += bytes.Length;
    }

    public void Arrive(int count) => Arrived = Math.Min(Arrived + count, _used);

    /// <summary>Forgets the bytes that have not arrived.</summary>
    public void DropUnarrived() => _used = Arrived;

    public int Read(Span<byte> destination, bool take)
    {
        int count = Math.Min(destination.Length, Arrived);
        int first = Math.Min(count, _ring.Length - _start);
        _ring.AsSpan(_start, first).CopyTo(destination);
        _ring.AsSpan(0, count - first).CopyTo(destination[first..]);
        if (!take) return count;
        _start = (_start + count) % _ring.Length;
        _used -= count;
        Arrived -= count;
        return count;
    }
}
