using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Relay;

/// <summary>
/// How long a peer has owed an answer to sent data, from polls of the connection. A value; owned by a session.
/// </summary>
/// <remarks>
/// Time counts between two polls that both found the answer missing, with nothing acknowledged between them. So it never counts too much,
/// and too little by less than the time between two polls.
/// </remarks>
internal struct UnansweredSend
{
    private uint _ackedBytes;
    private int _missingMs;
    private bool _isMissing;

    /// <summary>Whether the acknowledgement of sent bytes was missing at the previous poll too: then the kernel retransmits them.</summary>
    public bool IsSentAgain { get; private set; }

    /// <summary>
    /// Whether bytes were acknowledged since the previous poll. The first poll after all was acknowledged cannot tell, and says yes.
    /// </summary>
    public bool HasTaken { get; private set; }

    /// <summary>Takes the result of a poll. Returns for how long the answer has been missing, in milliseconds; 0 when it is not missing, or
    /// only since now.</summary>
    /// <param name="state">What the connection says.</param>
    /// <param name="elapsedMs">Since the previous poll.</param>
    public int Poll(in SendState state, int elapsedMs)
    {
        HasTaken = state.AckedBytes != _ackedBytes;
        bool goesOn = _isMissing && !HasTaken;
        _isMissing = state.OwesAnswer;
        _ackedBytes = state.AckedBytes;
        _missingMs = goesOn && _isMissing ? _missingMs + elapsedMs : 0;
        IsSentAgain = _missingMs > 0 && state is { SegmentsInFlight: > 0, WindowBytes: > 0 };
        return _missingMs;
    }

    /// <summary>All that was sent is acknowledged.</summary>
    public void Clear() => this = default;
}
