using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>The file's reference to its schema: any text, for editors only. Immutable, any thread.</summary>
internal sealed class SchemaReferenceKind : TextKind<string>
{
    public override string Expected => "the path or URL of a JSON schema as text";

    public override string Fallback => "";

    public override bool TryParse(string text, out string value, out ValueFault fault)
    {
        value = text;
        fault = default;
        return true;
    }
}
