using System.Collections.Immutable;

namespace FastTcpProxy.Engine.Upstreams;

/// <summary>
/// Where a session stands in the list of upstreams: every address of the first upstream, then of the second, and so on to the end, once.
/// A pure value; the list that it walks is the snapshot that the session took when it began.
/// </summary>
internal struct FailoverCursor
{
    private short _upstream;
    private short _next;

    /// <summary>The place of the current upstream in the list.</summary>
    public readonly int UpstreamIndex => _upstream;

    /// <summary>Which address of the upstream is the current one.</summary>
    public readonly int AddressIndex => _next - 1;

    /// <summary>
    /// Goes to the next address to try. An upstream without an address has its turn once, with <paramref name="address"/> null.
    /// </summary>
    /// <returns>False when the list is at its end.</returns>
    public bool MoveNext(ImmutableArray<UpstreamDefinition> upstreams, out UpstreamAddress? address)
    {
        address = null;
        while (_upstream < upstreams.Length)
        {
            ImmutableArray<UpstreamAddress> addresses = upstreams[_upstream].Addresses;
            if (_next < Math.Max(addresses.Length, 1))
            {
                if (addresses.Length > 0) address = addresses[_next];
                _next++;
                return true;
            }
            _upstream++;
            _next = 0;
        }
        return false;
    }
}
