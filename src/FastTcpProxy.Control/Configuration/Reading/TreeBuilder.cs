using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// Makes the tree of a file from its parts in their order. Depth costs nothing but a stack entry, and is bounded. One thread, one call of a
/// reader; the tree belongs to the caller.
/// </summary>
internal sealed class TreeBuilder
{
    private readonly Stack<Open> _open = [];
    private readonly List<(Position At, string Code, string Message)> _faults = [];

    public ConfigurationNode? Root { get; private set; }

    /// <summary>The innermost object or list whose end has not been read.</summary>
    public Open? Top => _open.TryPeek(out Open? open) ? open : null;

    /// <summary>All of them, the innermost first.</summary>
    public IReadOnlyCollection<Open> Opened => _open;

    /// <summary>The value that was placed last.</summary>
    public ConfigurationNode? Last { get; private set; }

    /// <summary>Begins an object or a list; false when it is too deep, after which nothing may follow.</summary>
    public bool Begin(NodeKind kind, Position at)
    {
        if (_open.Count == ConfigurationLimits.DepthMax)
        {
            _faults.Add((at, ConfigurationCodes.TooDeep,
                $"objects and lists are nested deeper than {ConfigurationLimits.DepthMax}, expected at most that, is a bracket missing?"));
            return false;
        }
        ConfigurationNode node = new(kind, at, "");
        Place(node);
        _open.Push(new Open(node));
        return true;
    }

    /// <summary>Ends the innermost object or list.</summary>
    public void End() => Last = _open.Pop().Node;

    /// <summary>Puts a value where it belongs: under the key that was read last, behind the last item, or at the root.</summary>
    public void Place(ConfigurationNode node)
    {
        Last = node;
        if (Top is not { } open)
        {
            Root = node;
        }
        else if (open.Node.Kind == NodeKind.List)
        {
            open.Node.AddItem(node);
        }
        else if (open.Key is null)
        {
            // What belongs to no key is told already.
            open.Node.MarkPartial();
        }
        else if (open.Keys.TryAdd(open.Key, open.KeyAt))
        {
            open.Node.AddProperty(open.Key, open.KeyAt, node);
        }
        else
        {
            _faults.Add((open.KeyAt, ConfigurationCodes.DuplicateKey,
                $"key {Wording.Quote(open.Key)} is already given at {open.Keys[open.Key]}, expected each key once"));
        }
    }

    /// <summary>Tells what was wrong with the tree: keys that occur twice, of which the first counts, and too much depth.</summary>
    public void Report(ProblemList problems)
    {
        foreach ((Position at, string code, string message) in _faults) problems.Error(at, code, message);
    }

    /// <summary>An object or list whose end has not been read. Owned by the builder's stack.</summary>
    internal sealed class Open(ConfigurationNode node)
    {
        public ConfigurationNode Node { get; } = node;

        public Dictionary<string, Position> Keys { get; } = new(StringComparer.Ordinal);

        /// <summary>The key that was read last; null when it is not known.</summary>
        public string? Key { get; set; }

        public Position KeyAt { get; set; }

        /// <summary>What the syntax wants next, for a reader that has to know.</summary>
        public Wanted Wanted { get; set; } = node.Kind == NodeKind.Object ? Wanted.Key : Wanted.Value;
    }

    /// <summary>What the syntax wants next inside an object or a list.</summary>
    internal enum Wanted
    {
        /// <summary>A key, or the end of the object.</summary>
        Key,

        /// <summary>The colon after a key.</summary>
        Colon,

        /// <summary>A value, or the end of the list.</summary>
        Value,

        /// <summary>A comma, or the end.</summary>
        Comma,
    }
}
