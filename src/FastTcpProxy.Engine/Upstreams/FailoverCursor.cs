using System.Collections.Immutable;

namespace FastTcpProxy.Engine.Upstreams;

/// <summary>
/// Where a session stands in the list of upstreams: every address of the first upstream, then of the second, and so on to the end, once.
/// An address that was put off comes behind all others; those that were put off keep their order. A pure value; the list that it walks is
/// the snapshot that the session took when it began.
/// </summary>
internal struct FailoverCursor
{
    /// <summary>How many addresses of a list can be put off, from its begin: one bit for each says so. A list has at most as many
    /// upstreams; only names of many addresses make it longer.</summary>
    public const int PutOffMax = 64;

    private short _upstream;
    private short _next;

    // The number of the current address in the list, from 1; all beyond the last that can be put off have the same.
    private byte _number;
    private bool _isLast;
    private ulong _putOff;

    /// <summary>The current place in the list.</summary>
    public readonly AttemptPlace Place => new(_upstream, (short)(_next - 1), _number);

    /// <summary>Whether the current address can be put off.</summary>
    public readonly bool MayPutOff => !_isLast && _number <= PutOffMax;

    /// <summary>Whether only those that were put off are left, and are tried now.</summary>
    public readonly bool IsLast => _isLast;

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
                ImmutableArray<UpstreamAddress> addresses = upstreams[_upstream].Addresses;
                while (_next < Math.Max(addresses.Length, 1))
                {
                    if (_number <= PutOffMax) _number++;
                    _next++;
                    if (_isLast && !IsPutOff) continue;
                    if (addresses.Length > 0) address = addresses[_next - 1];
                    return true;
                }
            }
            if (_isLast || _putOff == 0) return false;
            (_isLast, _upstream, _next, _number) = (true, 0, 0, 0);
        }
    }

    /// <summary>Leaves an address for the end of the list: the current one, or one before it. Not when that end is reached.</summary>
    public void PutOff(AttemptPlace place)
    {
        if (place.Number <= PutOffMax) _putOff |= 1UL << (place.Number - 1);
    }

    private readonly bool IsPutOff => _number <= PutOffMax && (_putOff & (1UL << (_number - 1))) != 0;

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
/// <param name="Number">The number of the address in the list, from 1; all beyond the last that can be put off have the same.</param>
internal readonly record struct AttemptPlace(short Upstream, short Address, byte Number);
