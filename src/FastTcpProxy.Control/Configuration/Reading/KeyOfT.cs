using System.Buffers;
using System.Text;
using System.Text.Json;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>The description of one key: name, kind, default, documentation and example. Immutable, any thread.</summary>
internal sealed class Key<T> : Key
{
    private readonly Func<T>? _default;
    private readonly bool _literalDefault;

    private Key(
        string name, ValueKind<T> kind, string documentation, string example, bool required, Func<T>? byDefault, bool literalDefault)
        : base(name, documentation, example, required)
    {
        Kind = kind;
        _default = byDefault;
        _literalDefault = literalDefault;
    }

    public ValueKind<T> Kind { get; }

    public override string Expected => Kind.ExpectedInFull;

    public override ObjectShape? Nested => (Kind as INestedShape)?.Shape;

    /// <summary>What the key is when the file does not give it.</summary>
    public T Default => _default is null ? Kind.Fallback : _default();

    /// <summary>A key without which the file is in error.</summary>
    public static Key<T> Needed(string name, ValueKind<T> kind, string documentation, string example) =>
        new(name, kind, documentation, example, required: true, null, literalDefault: false);

    /// <summary>A key with a default that the schema shows.</summary>
    public static Key<T> WithDefault(string name, ValueKind<T> kind, T byDefault, string documentation, string example) =>
        new(name, kind, documentation, example, required: false, () => byDefault, literalDefault: true);

    /// <summary>A key whose default depends on the machine or on other keys; its documentation tells it.</summary>
    public static Key<T> WithComputedDefault(string name, ValueKind<T> kind, Func<T> byDefault, string documentation, string example) =>
        new(name, kind, documentation, example, required: false, byDefault, literalDefault: false);

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        string? byDefault = _literalDefault ? DefaultText() : null;
        WriteDocumentation(writer, Nested is not null && byDefault == "{}" ? null : byDefault);
        Kind.WriteSchema(writer);
        if (byDefault is null)
            return;
        writer.WritePropertyName("default");
        writer.WriteRawValue(byDefault);
    }

    private string DefaultText()
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
            Kind.WriteValue(writer, Default);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    public override string? Instead(ConfigurationNode node) => Kind.Instead(node);

    public override bool Check(ConfigurationNode node, BindingContext context) => Kind.TryRead(node, context, out _);
}
