namespace FastTcpProxy.Engine.Relay;

/// <summary>
/// How much a direction reads at once: much while it streams freely, little while its target is slow, since what a slow target does not take
/// has to be kept. A pure value that follows what the moves did.
/// </summary>
internal struct ReadWindow
{
    /// <summary>64 KiB, the size of a medium buffer: the most that one session with a slow target keeps.</summary>
    public const int BytesMin = 64 << 10;

    /// <summary>256 KiB, the size of a large buffer: half the cost per byte of 64 KiB.</summary>
    public const int BytesMax = 256 << 10;

    private bool _isWide;

    public readonly int Bytes => _isWide ? BytesMax : BytesMin;

    /// <summary>Takes note of one move.</summary>
    /// <param name="filled">The source had at least as much as the window.</param>
    /// <param name="blocked">The target did not take all of it at once.</param>
    public void OnMove(bool filled, bool blocked)
    {
        if (blocked) _isWide = false;
        else if (filled) _isWide = true;
    }
}
