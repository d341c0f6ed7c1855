using System.Text.Json;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// What a value may be. One description serves three readers: the binder (<see cref="TryRead"/>), the messages (<see cref="Expected"/>)
/// and the schema (<see cref="WriteSchema"/>), so that they cannot disagree. Immutable, any thread.
/// </summary>
/// <typeparam name="T">The type of the value in the model.</typeparam>
internal abstract class ValueKind<T>
{
    /// <summary>Characters of what to write: a longer text is no help in one line.</summary>
    private const int InsteadMax = 120;

    /// <summary>What stands after "expected" in a message.</summary>
    public abstract string Expected { get; }

    /// <summary>The same for the reference, where nothing else says what the parts of the value may be.</summary>
    public virtual string ExpectedInFull => Expected;

    /// <summary>What an editor says of a value that is wrong.</summary>
    protected string InEditor => $"Expected {Expected}.";

    /// <summary>Stands in the model for a value that could not be read, so that the rest of the file is still checked.</summary>
    public abstract T Fallback { get; }

    /// <summary>The value of a node; false after it reported at least one error.</summary>
    public abstract bool TryRead(ConfigurationNode node, BindingContext context, out T value);

    /// <summary>Writes the schema's keywords into the open object.</summary>
    public abstract void WriteSchema(Utf8JsonWriter writer);

    /// <summary>Writes a value as the file would hold it.</summary>
    public abstract void WriteValue(Utf8JsonWriter writer, T value);

    /// <summary>What the value looks like in the file, in few words.</summary>
    protected abstract string Form { get; }

    /// <summary>
    /// What to write for a value that is not of this kind, as JSON and with the content that it has; null when that cannot be told.
    /// </summary>
    public virtual string? Instead(ConfigurationNode node) => null;

    /// <summary>The same with every value that may have been meant.</summary>
    protected virtual string? Advice(ConfigurationNode node) => Instead(node);

    /// <summary>A short value of this kind, as JSON; null where what is expected says enough.</summary>
    protected virtual string? Sample => null;

    /// <summary>Reports that the value is of another JSON type, or of none after a mistake of the syntax, which is told already.</summary>
    protected bool WrongType(ConfigurationNode node, BindingContext context, out T value)
    {
        value = Fallback;
        if (node.Kind == NodeKind.Unreadable)
            return false;
        string subject = node.Path.Length == 0 ? "the file" : node.Path;
        string expected = Advice(node) is { Length: <= InsteadMax } instead ? $"{Form}, write {instead}"
            : Form != Expected ? Expected : Sample is { } sample ? $"{Form}, such as {sample}" : Form;
        if (node.Kind == NodeKind.Null) expected += "; leave the key out for its default";
        context.Problems.Error(node.At, ConfigurationCodes.WrongType, $"{subject} is {node.Describe()}, expected {expected}");
        return false;
    }
}
