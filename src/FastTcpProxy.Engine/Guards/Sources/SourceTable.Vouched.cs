namespace FastTcpProxy.Engine.Guards.Sources;

/// <content>
/// Sources that something vouches for: an operator, or a log that shows who has signed in. Their order is under a lock that no step of a
/// session takes.
/// </content>
public sealed partial class SourceTable
{
    /// <summary>So many of the sources that it has room for can be vouched for: they are not evicted, and others need room too.</summary>
    private const int VouchedPart = 8;

    private readonly Lock _vouching = new();

    /// <summary>From the one that was vouched for the longest time ago.</summary>
    private readonly LinkedList<SourceKey> _vouched = [];
    private readonly Dictionary<SourceKey, LinkedListNode<SourceKey>> _places = [];

    /// <summary>Sources that can be vouched for at the same time. One more takes the place of the oldest.</summary>
    public int VouchedMax => Capacity / VouchedPart;

    /// <summary>
    /// The source goes first under pressure, and is not evicted, until that time, to the second. Its limits hold as before. What was said
    /// of it before no longer counts. It allocates.
    /// </summary>
    /// <returns>False: there is no room for it, and nothing has changed.</returns>
    public bool Vouch(in SourceKey key, long untilUs, long nowUs)
    {
        lock (_vouching)
        {
            if (!TryHold(key, nowUs, adds: true, out int index)) return false;
            _sets[index].VouchedUntilS = (int)Math.Min((untilUs + 999_999) / 1_000_000, int.MaxValue);
            _sets[index].Unpin();
            if (!Forget(key) && _vouched.Count == VouchedMax) Withdraw(_vouched.First!.Value, nowUs);
            _places[key] = _vouched.AddLast(key);
            return true;
        }
    }

    /// <summary>Nothing vouches for the source any more.</summary>
    /// <returns>Whether something had, at any time since it was among the latest.</returns>
    public bool Withdraw(in SourceKey key, long nowUs)
    {
        lock (_vouching)
        {
            if (!Forget(key)) return false;
            if (!TryHold(key, nowUs, adds: false, out int index)) return true;
            _sets[index].VouchedUntilS = 0;
            _sets[index].Unpin();
            return true;
        }
    }

    private bool Forget(in SourceKey key)
    {
        if (!_places.Remove(key, out LinkedListNode<SourceKey>? place)) return false;
        _vouched.Remove(place);
        return true;
    }
}
