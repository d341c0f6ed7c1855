using System.Text.Json;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>
/// The place of a UNIX socket: its text, or an object with the text and the permissions. Immutable; any thread but a loop, as groups are
/// looked up on a disk.
/// </summary>
/// <param name="text">What the text may be.</param>
/// <param name="key">The key of the text in the object.</param>
/// <param name="documentation">Of that key.</param>
/// <param name="example">Of that key, as JSON.</param>
/// <param name="with">The value with permissions; null when it is no UNIX socket.</param>
internal sealed class SocketFileKind<T>(TextKind<T> text, string key, string documentation, string example,
    Func<T, SocketPermissions, T?> with)
    : ValueKind<T>, INestedShape
    where T : class?
{
    /// <summary>What a file has that is given a group and no mode: the group is meant to connect.</summary>
    private const UnixFileMode ForTheGroup =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private static readonly Key<UnixFileMode> Mode = Key<UnixFileMode>.WithComputedDefault("mode", new SocketModeKind(), () => default,
        "The mode of the UNIX socket's file in octal, as text. By default \"0660\" for the administrative interface and where \"group\" is "
        + "given, else 0777 less the umask.",
        "\"0660\"");

    private static readonly Key<SocketGroup?> Group = Key<SocketGroup?>.WithComputedDefault("group", new GroupKind(), () => null,
        "The group of the UNIX socket's file, a name or a number as text. The process must be a member of it, or root. "
        + "By default the process's own.",
        "\"0\"");

    private readonly Key<T> _text = Key<T>.Needed(key, text, documentation, example);
    private ObjectShape? _shape;

    public ObjectShape Shape => _shape ??= new([_text, Mode, Group]);

    public override string Expected =>
        $"{text.Expected}; or an object with it as \"{key}\", and \"mode\" and \"group\" of the socket's file";

    protected override string Form => "a text in quotes";

    public override T Fallback => text.Fallback;

    public override bool TryRead(ConfigurationNode node, BindingContext context, out T value)
    {
        if (node.Kind == NodeKind.Text) return text.TryRead(node, context, out value);
        if (node.Kind != NodeKind.Object) return WrongType(node, context, out value);
        Shape.CheckKeys(node, context);
        var reader = new ObjectReader(node, context);
        value = reader.Get(_text);
        UnixFileMode? mode = reader.GetOptional(Mode);
        SocketGroup? group = reader.Get(Group);
        if (!reader.Sound(_text, Mode, Group)) return false;
        if (mode is null && group is null)
        {
            context.Remember(value, node);
            return true;
        }
        if (with(value, new SocketPermissions(mode ?? ForTheGroup, group)) is not { } made)
        {
            context.Problems.Error(reader.At(mode is null ? Group : Mode), ConfigurationCodes.NotASocketFile,
                $"{node.Path} is not a UNIX socket, expected \"mode\" and \"group\" beside \"unix:/path\" only");
            return false;
        }
        value = made;
        context.Remember(value, node);
        return true;
    }

    public override string? Instead(ConfigurationNode node) => node.Kind == NodeKind.Object ? null : text.Instead(node);

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("type");
        writer.WriteStringValue("string");
        writer.WriteStringValue("object");
        writer.WriteEndArray();
        text.WritePattern(writer);
        Shape.WriteKeys(writer);
        writer.WriteStartObject("dependentSchemas");
        foreach (Key permission in (ReadOnlySpan<Key>)[Mode, Group])
        {
            writer.WriteStartObject(permission.Name);
            writer.WriteStartObject("properties");
            writer.WriteStartObject(key);
            writer.WriteBoolean("doNotSuggest", true);
            writer.WriteString("pattern", "^(unix:)?/");
            writer.WriteString("patternErrorMessage", "Only a UNIX socket has a mode and a group. Expected \"unix:/path\".");
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    public override void WriteValue(Utf8JsonWriter writer, T value) => text.WriteValue(writer, value);
}
