using System.Collections.Immutable;

namespace FastTcpProxy.Engine.Upstreams;

/// <summary>
/// Where a session stands in the list of upstreams: every address of the first upstream, then of the second, and so on to the end, once.
/// An upstream that was put off comes behind all others; those that were put off keep their order. A pure value; the list that it walks is
/// the snapshot that the session took when it began.
/// </summary>
internal struct FailoverCursor
{
    /// <summary>How many upstreams a list may have: one bit for each says whether it was put off.</summary>
    public const int UpstreamsMax = 64;

    private short _upstream;
    private short _next;
    private bool _isLast;
    private ulong _putOff;

    /// <summary>The current place in the list.</summary>
    public readonly AttemptPlace Place => new(_upstream, (short)(_next - 1));

    /// <summary>Whether the current address is the first that is tried of an upstream, which may be put off now.</summary>
    public readonly bool MayPutOff => _next == 1 && !_isLast && _upstream < UpstreamsMax;

    /// <summary>
    /// Goes to the next address to try. An upstream without an address has its turn once, with <paramref name="address"/> null.
    /// </summary>
    /// <returns>False when the list is at its end.</returns>
    public bool MoveNext(ImmutableArray<UpstreamDefinition> upstreams, out UpstreamAddress? address)
    {
        address = null;
        while (true)
        {
            for (; _upstream < upstreams.Length; _upstream++, _next = 0)
            {
                if (_isLast && !IsPutOff(_upstream)) continue;
                ImmutableArray<UpstreamAddress> addresses = upstreams[_upstream].Addresses;
                if (_next >= Math.Max(addresses.Length, 1)) continue;
                if (addresses.Length > 0) address = addresses[_next];
                _next++;
                return true;
            }
            if (_isLast || _putOff == 0) return false;
            (_isLast, _upstream, _next) = (true, 0, 0);
        }
    }

    /// <summary>Leaves the current upstream for the end of the list.</summary>
    public void PutOff()
    {
        _putOff |= 1UL << _upstream;
        _upstream++;
        _next = 0;
    }

    private readonly bool IsPutOff(int upstream) => upstream < UpstreamsMax && (_putOff & (1UL << upstream)) != 0;

    /// <summary>Whether there is another address behind the current one.</summary>
    public readonly bool HasNext(ImmutableArray<UpstreamDefinition> upstreams)
    {
        FailoverCursor ahead = this;
        return ahead.MoveNext(upstreams, out _);
    }
}

/// <summary>A place in the list of upstreams.</summary>
/// <param name="Upstream">Which upstream.</param>
/// <param name="Address">Which of its addresses.</param>
internal readonly record struct AttemptPlace(short Upstream, short Address);
