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

    public NodeKind Kind { get; } = kind;

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
}
