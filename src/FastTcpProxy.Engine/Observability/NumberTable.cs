namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// Which names have which numbers, from 1 on. A name that is held has one number, however often it is taken. Not for two threads at once.
/// </summary>
/// <param name="max">Numbers, 0 too, which no name has.</param>
internal sealed class NumberTable(int max)
{
    private readonly Dictionary<MetricsName, int> _numbers = [];
    private readonly List<(MetricsName Name, int Holders)> _held = [default];
    private readonly Stack<int> _free = new();

    /// <summary>The names that have numbers, by number.</summary>
    public IEnumerable<(int Number, MetricsName Name)> Names =>
        _held.Select((h, number) => (number, h.Name, h.Holders)).Where(h => h.Holders > 0).Select(h => (h.number, h.Name));

    public int? Find(MetricsName name) => _numbers.TryGetValue(name, out int number) ? number : null;

    /// <summary>The name's number, held once more; null: there is none left.</summary>
    public int? Take(MetricsName name)
    {
        if (!_numbers.TryGetValue(name, out int number))
        {
            if (!_free.TryPop(out number))
            {
                if (_held.Count == max) return null;
                number = _held.Count;
                _held.Add(default);
            }
            _numbers.Add(name, number);
            _held[number] = (name, 0);
        }
        _held[number] = (name, _held[number].Holders + 1);
        return number;
    }

    /// <summary>One holder less. True: it was the last one, and the number waits to be freed.</summary>
    public bool Leave(int number)
    {
        (MetricsName name, int holders) = _held[number];
        _held[number] = (name, holders - 1);
        if (holders > 1) return false;
        _numbers.Remove(name);
        return true;
    }

    /// <summary>Another name may have it.</summary>
    public void Free(int number)
    {
        _held[number] = default;
        _free.Push(number);
    }
}

/// <summary>Of a service, or of an upstream of it. Immutable.</summary>
/// <param name="Upstream">Null: the service itself.</param>
internal readonly record struct MetricsName(string Service, string? Upstream = null);
