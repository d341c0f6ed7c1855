namespace FastTcpProxy.Compare.Load;

internal enum ConnectionSide
{
    Client,
    Backend,
}

/// <summary>
/// One socket of the load: a client's, or one that the backend accepted. It belongs to its loop, which pools it; one thread.
/// </summary>
internal sealed class Connection(int slot)
{
    private byte[]? _headerBytes;
    private int _headerLength;

    /// <summary>Where the loop finds it; what epoll gives back with an event.</summary>
    public int Slot { get; } = slot;

    public int Fd { get; private set; }

    public ConnectionSide Side { get; private set; }

    /// <summary>Backend: what comes from here on is the client's.</summary>
    public bool HeaderDone { get; set; }

    /// <summary>Client: the request is out; otherwise the socket waits for the connect.</summary>
    public bool Sent { get; set; }

    /// <summary>Client on an open connection: it waits for an answer.</summary>
    public bool Busy { get; set; }

    /// <summary>Client that is held: it has had its answer.</summary>
    public bool Answered { get; set; }

    /// <summary>Bytes of the current message that are still to come.</summary>
    public int Remaining { get; set; }

    /// <summary>Open model: when the current operation was to begin.</summary>
    public long IntendedNs { get; set; }

    /// <summary>
    /// Open model: its arrivals that came while it was busy; the oldest is due one period after <see cref="IntendedNs"/>.
    /// </summary>
    public int Queued { get; set; }

    public void Begin(int fd, ConnectionSide side, int messageBytes)
    {
        Fd = fd;
        Side = side;
        HeaderDone = Sent = Busy = Answered = false;
        Remaining = messageBytes;
        IntendedNs = 0;
        Queued = 0;
        _headerLength = 0;
    }

    /// <summary>
    /// Checks the header at the beginning of what came in. A header in pieces is put together here; in one piece, as it nearly always
    /// comes, it is not copied.
    /// </summary>
    /// <param name="used">How many bytes of this piece are the header's.</param>
    public HeaderVerdict TakeHeader(HeaderKind kind, ReadOnlySpan<byte> piece, int port, out int used)
    {
        if (_headerLength == 0)
        {
            HeaderVerdict verdict = HeaderCheck.Read(kind, piece, port, out used);
            if (verdict == HeaderVerdict.Incomplete) Keep(piece);
            return verdict;
        }
        int before = _headerLength;
        Keep(piece);
        HeaderVerdict whole = HeaderCheck.Read(kind, _headerBytes.AsSpan(0, _headerLength), port, out int length);
        used = whole == HeaderVerdict.Right ? length - before : piece.Length;
        return whole;
    }

    /// <summary>What does not fit is not needed: a header that long is wrong.</summary>
    private void Keep(ReadOnlySpan<byte> piece)
    {
        _headerBytes ??= new byte[HeaderCheck.LengthMax];
        int fits = Math.Min(piece.Length, _headerBytes.Length - _headerLength);
        piece[..fits].CopyTo(_headerBytes.AsSpan(_headerLength));
        _headerLength += fits;
    }
}
