using System.Text.Json;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>The description of one key of an object, without the type of its value. Immutable, any thread.</summary>
/// <param name="name">As the file writes it.</param>
/// <param name="documentation">One or two sentences with unit, default and effect; the schema shows them.</param>
/// <param name="example">A valid value as JSON.</param>
/// <param name="required">Whether its absence is an error.</param>
internal abstract class Key(string name, string documentation, string example, bool required)
{
    public string Name { get; } = name;

    public string Documentation { get; } = documentation;

    public string Example { get; } = example;

    public bool Required { get; } = required;

    /// <summary>The object that the key holds, itself or in a list, for readers of the whole description; otherwise null.</summary>
    public virtual ObjectShape? Nested => null;

    /// <summary>What the value may be, as messages say it; of a list, what each item may be too.</summary>
    public abstract string Expected { get; }

    /// <summary>Writes the schema's keywords into the open object.</summary>
    public abstract void WriteSchema(Utf8JsonWriter writer);

    /// <summary>Reads a value as <see cref="ObjectReader.Get"/> would, for the sake of its problems.</summary>
    public abstract bool Check(ConfigurationNode node, BindingContext context);

    protected void WriteDocumentation(Utf8JsonWriter writer)
    {
        writer.WriteString("description", Documentation);
        writer.WriteStartArray("examples");
        writer.WriteRawValue(Example);
        writer.WriteEndArray();
    }
}
