using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// Gives the values of one object's keys, with defaults for those that are absent. One thread; lives while its object is read.
/// </summary>
internal sealed class ObjectReader(ConfigurationNode node, BindingContext context)
{
    private readonly HashSet<Key> _failed = [];

    public BindingContext Context { get; } = context;

    public ConfigurationNode Node { get; } = node;

    /// <summary>The value of a key; its default when it is absent or in error; what could be read of a required one.</summary>
    public T Get<T>(Key<T> key)
    {
        if (Node.Find(key.Name) is not { } value)
        {
            if (key.Required)
                _failed.Add(key);
            return key.Default;
        }
        if (key.Kind.TryRead(value, Context, out T result))
            return result;
        _failed.Add(key);
        return key.Required ? result : key.Default;
    }

    /// <summary>
    /// The value of a key that holds an object; an absent one is read as if it were empty, so that its keys get their defaults.
    /// </summary>
    public T GetObject<T>(Key<T> key)
    {
        ConfigurationNode value = Node.Find(key.Name) is { Kind: NodeKind.Object } present ? present : Node.Absent(key.Name);
        if (Node.Find(key.Name) is { } other && other != value)
            key.Check(other, Context);
        key.Kind.TryRead(value, Context, out T result);
        return result;
    }

    /// <summary>The value of a structure's key, or null when it is absent.</summary>
    public T? GetOptional<T>(Key<T> key)
        where T : struct => Node.Find(key.Name) is null || !TryGet(key, out T value) ? null : value;

    /// <summary>Whether all these keys, which have been read, are without error: only then is a check across them worth making.</summary>
    public bool Sound(params ReadOnlySpan<Key> keys)
    {
        foreach (Key key in keys)
        {
            if (_failed.Contains(key))
                return false;
        }
        return true;
    }

    /// <summary>Where to report what concerns a key: its value, or the object when the key is absent.</summary>
    public Position At(Key key) => (Node.Find(key.Name) ?? Node).At;

    /// <summary>The key where this object itself gives it; null when it is absent, or written in an object that this one extends.</summary>
    public NodeProperty? Own(Key key) => Node.Properties.Find(property => property.Name == key.Name && !property.Inherited);

    private bool TryGet<T>(Key<T> key, out T value)
    {
        value = Get(key);
        return !_failed.Contains(key);
    }

    /// <summary>An error at the key that names a file which cannot be used.</summary>
    public void ReportFile(Key key, string why, string expected)
    {
        ConfigurationNode node = Node.Find(key.Name)!;
        Context.Problems.Error(node.At, ConfigurationCodes.FileUnusable,
            $"{node.Path} is {Wording.Quote(node.Text)} ({why}), expected {expected}");
    }
}
