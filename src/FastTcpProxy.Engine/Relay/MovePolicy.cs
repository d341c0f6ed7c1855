namespace FastTcpProxy.Engine.Relay;

/// <summary>
/// How a direction makes its next move: through the landing buffer with a small or a large window, or through the pipe, where the bytes are not
/// touched. A pure value that follows what the moves did. The reasons for its constants are in ADR 8.
/// <para>
/// The window is large while the direction streams freely and small while its target is slow, since what a slow target does not take has to be kept.
/// </para>
/// <para>
/// Splicing has a credit: each move earns its bytes and pays a fee, and a target that blocks costs half of the most there can be. Splicing begins
/// when the credit is full and ends when it is used up. So moves no larger than the fee never splice, one small move among large ones ends
/// nothing, and between two beginnings lies a whole credit of bytes.
/// </para>
/// </summary>
internal struct MovePolicy(SpliceTerms terms)
{
    /// <summary>64 KiB, the size of a medium buffer: the most that one session with a slow target keeps.</summary>
    public const int SmallWindowBytes = 64 << 10;

    /// <summary>256 KiB, the size of a large buffer: half the cost per byte of 64 KiB.</summary>
    public const int LargeWindowBytes = 256 << 10;

    private int _credit;
    private bool _isLarge;

    /// <summary>How much to read at once into the landing buffer.</summary>
    public readonly int WindowBytes => _isLarge ? LargeWindowBytes : SmallWindowBytes;

    /// <summary>Whether the next move is to go through the pipe, where there is one.</summary>
    public bool Splices { get; private set; }

    /// <summary>Takes note of one move.</summary>
    /// <param name="bytes">How many bytes the source gave, from 1.</param>
    /// <param name="filled">The source had at least as much as was asked for.</param>
    /// <param name="blocked">The target did not take all of it at once.</param>
    public void OnMove(int bytes, bool filled, bool blocked)
    {
        if (blocked) _isLarge = false;
        else if (filled) _isLarge = true;
        int credit = _credit + bytes - terms.FeeBytes;
        if (blocked) credit -= terms.CreditBytes / 2;
        _credit = Math.Clamp(credit, 0, terms.CreditBytes);
        if (_credit == terms.CreditBytes) Splices = true;
        else if (_credit == 0) Splices = false;
    }
}

/// <summary>When splicing pays. Immutable.</summary>
/// <param name="FeeBytes">What each move pays: moves of no more than this gain too little.</param>
/// <param name="CreditBytes">What must have been earned before splicing begins; also what can be lost before it ends.</param>
internal readonly record struct SpliceTerms(int FeeBytes, int CreditBytes)
{
    /// <summary>16 KiB, where splicing costs two thirds of copying, and 1 MiB: about five full moves.</summary>
    public static SpliceTerms Measured => new(16 << 10, 1 << 20);
}
