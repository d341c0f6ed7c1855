using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Relay;

/// <summary>
/// How a direction makes its next move: how much it asks for, and whether through the receive buffer or through the pipe, where the bytes
/// are not touched. A pure value that follows what the moves did. The measurements behind its constants are in ADR 8.
/// <para>
/// The window doubles while the direction streams freely and is small again when its target was slow, since what a slow target does not
/// take has to be kept.
/// </para>
/// <para>
/// Splicing has a credit: each move earns the bytes that its target took at once, and pays a fee. Splicing begins when the credit is full
/// and ends when it is used up. So moves no larger than the fee never splice, a small move among large ones ends nothing, and between two
/// beginnings lies a whole credit of bytes.
/// </para>
/// </summary>
internal struct MovePolicy(SpliceTerms terms)
{
    /// <summary>64 KiB, the size of a medium buffer: the most that one session keeps whose target is slow all the time.</summary>
    public const int WindowBytesMin = 64 << 10;

    /// <summary>
    /// 256 KiB, the size of a large buffer: half the cost per byte of 64 KiB. The window of splices grows to
    /// <see cref="SpliceTerms.MoveBytesMax"/>.
    /// </summary>
    public const int WindowBytesMax = 256 << 10;

    private int _credit;
    private int _doublings;

    /// <summary>How much to ask the source for when it is copied.</summary>
    public readonly int WindowBytes => Math.Min(WindowBytesMin << _doublings, WindowBytesMax);

    /// <summary>How much to ask the source for when it is spliced.</summary>
    public readonly int SpliceBytes => Math.Min(WindowBytesMin << _doublings, terms.MoveBytesMax);

    /// <summary>Whether the next move is to go through the pipe, where there is one.</summary>
    public bool Splices { get; private set; }

    /// <summary>Takes note of one move.</summary>
    /// <param name="bytes">What the source gave.</param>
    /// <param name="filled">The source had at least as much as it was asked for.</param>
    /// <param name="rest">What the target did not take at once.</param>
    public void OnMove(int bytes, bool filled, int rest)
    {
        if (rest > 0) _doublings = 0;
        else if (filled && (Splices ? SpliceBytes < terms.MoveBytesMax : WindowBytes < WindowBytesMax)) _doublings++;
        _credit = Math.Clamp(_credit + bytes - rest - terms.FeeBytes, 0, terms.CreditBytes);
        if (_credit == terms.CreditBytes) Splices = true;
        else if (_credit == 0) Splices = false;
    }
}
