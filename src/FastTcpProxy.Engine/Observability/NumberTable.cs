namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// Which names have which numbers, from 1 on. A name that is held has one number, however often it is taken. Not for two threads at once.
/// </summary>
/// <param name="max">Numbers, 0 too, which no name has.</param>
internal sealed class NumberTable(int max)
{
    private readonly Dictionary<MetricsName, int> _numbers = [];
    private readonly List<Held?> _held = [null];
    private readonly Stack<int> _free = new();

    /// <summary>Numbers lie below this one.</summary>
    public int End => _held.Count;

    /// <summary>The name that has a number; null: none has.</summary>
    public MetricsName? this[int number] => _held[number] is { Holders: > 0 } held ? held.Name : null;

    /// <summary>The names that have numbers, by number.</summary>
    public IEnumerable<(int Number, MetricsName Name)> Names =>
        Enumerable.Range(0, End).Where(n => this[n] is not null).Select(n => (n, this[n]!));

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
                _held.Add(null);
            }
            _numbers.Add(name, number);
            _held[number] = new Held(name);
        }
        _held[number]!.Holders++;
        return number;
    }

    /// <summary>One holder less. True: it was the last one, and the number waits to be freed.</summary>
    public bool Leave(int number)
    {
        Held held = _held[number]!;
        if (--held.Holders > 0) return false;
        _numbers.Remove(held.Name);
        return true;
    }

    /// <summary>Another name may have it.</summary>
    public void Free(int number)
    {
        _held[number] = null;
        _free.Push(number);
    }

    private sealed class Held(MetricsName name)
    {
        public MetricsName Name { get; } = name;

        public int Holders { get; set; }
    }
}

/// <summary>Of a service, or of an upstream of it. Immutable.</summary>
/// <param name="Upstream">Null: the service itself.</param>
internal sealed record MetricsName(string Service, string? Upstream = null);
