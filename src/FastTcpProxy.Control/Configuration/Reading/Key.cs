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

    /// <summary>What to write for this key when its content stands in another place or form; null when it is no content of it.</summary>
    public abstract string? Instead(ConfigurationNode node);

    /// <param name="writer">In the object of the key.</param>
    /// <param name="byDefault">The default as JSON, where it says anything that the keys of the value do not.</param>
    protected void WriteDocumentation(Utf8JsonWriter writer, string? byDefault)
    {
        writer.WriteString("description", Documentation);
        // What an editor shows at the key. It shows neither default nor bounds by itself.
        string always = Required ? "Required. " : byDefault is null ? "" : $"Default: `{byDefault}`. ";
        writer.WriteString("markdownDescription", $"{Documentation}\n\n{always}Value: {Expected}.\n\nExample: `{Example}`");
        writer.WriteStartArray("examples");
        writer.WriteRawValue(Example);
        writer.WriteEndArray();
    }
}
