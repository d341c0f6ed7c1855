using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// One value of the file with its place. <see cref="NodeReader"/> builds the tree on one thread; after that nothing changes it. A node owns
/// its children, and refers to its parent only for its path.
/// </summary>
internal sealed class ConfigurationNode(NodeKind kind, Position at, string text)
{
    private ConfigurationNode? _parent;
    private string _name = "";

    public NodeKind Kind { get; private set; } = kind;

    /// <summary>Whether an object or a list may have more than was read of it: what it lacks is no mistake then.</summary>
    public bool IsPartial { get; private set; }

    public Position At { get; } = at;

    /// <summary>The content of a text; for numbers and booleans the characters of the file; otherwise empty.</summary>
    public string Text { get; } = text;

    /// <summary>The keys of an object in the order of the file, each name once.</summary>
    public List<NodeProperty> Properties { get; } = [];

    /// <summary>The items of a list.</summary>
    public List<ConfigurationNode> Items { get; } = [];

    /// <summary>Where the value stands in the format, such as <c>services[0].listen[1]</c>; empty for the whole file.</summary>
    public string Path
    {
        get
        {
            string outer = _parent?.Path ?? "";
            return outer.Length == 0 || _name.StartsWith('[') ? outer + _name : $"{outer}.{_name}";
        }
    }

    /// <summary>The value of a key, or null.</summary>
    public ConfigurationNode? Find(string key) => Properties.Find(property => property.Name == key)?.Value;

    /// <summary>Makes it one whose content is not known, after a mistake of the syntax that is told already.</summary>
    public void Spoil() => Kind = NodeKind.Unreadable;

    /// <summary>Says that something was left out of it, after a mistake of the syntax that is told already.</summary>
    public void MarkPartial() => IsPartial = true;

    public void AddProperty(string name, Position at, ConfigurationNode value)
    {
        value._parent = this;
        value._name = name;
        Properties.Add(new NodeProperty(name, at, value));
    }

    public void AddItem(ConfigurationNode value)
    {
        value._parent = this;
        value._name = string.Create(CultureInfo.InvariantCulture, $"[{Items.Count}]");
        Items.Add(value);
    }

    /// <summary>Stands in for an object that the file does not have, at the place of the one that would hold it.</summary>
    public ConfigurationNode Absent(string key) => new(NodeKind.Object, At, "") { _parent = this, _name = key };

    /// <summary>The same object, at its place, with these properties, which keep the places and paths that they have.</summary>
    public ConfigurationNode With(List<NodeProperty> properties)
    {
        var result = new ConfigurationNode(NodeKind.Object, At, "") { _parent = _parent, _name = _name };
        result.Properties.AddRange(properties);
        result.IsPartial = IsPartial;
        return result;
    }

    /// <summary>What the value is, for messages: <c>the number 5</c>, <c>"abc"</c>, <c>a list</c>.</summary>
    public string Describe() => Kind switch
    {
        NodeKind.Object => "an object",
        NodeKind.List => "a list",
        NodeKind.Text => Wording.Quote(Text),
        NodeKind.Number => "the number " + Wording.Shorten(Text),
        NodeKind.Null => "null",
        _ => Text,
    };
}

/// <summary>One key of an object with its place. Immutable once read.</summary>
/// <param name="Inherited">Whether it was written in another object, which this one extends.</param>
internal sealed record NodeProperty(string Name, Position At, ConfigurationNode Value, bool Inherited = false);

/// <summary>The JSON type of a <see cref="ConfigurationNode"/>.</summary>
internal enum NodeKind
{
    Object,
    List,
    Text,
    Number,
    Boolean,
    Null,

    /// <summary>A value that a mistake of the syntax has made unknown. It is told already, and nothing more is said of the value.</summary>
    Unreadable,
}
