using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>Bytes to send; an empty text is none. Immutable, any thread.</summary>
/// <param name="bytesMax">The most bytes.</param>
internal sealed class BytesKind(int bytesMax) : TextKind<ImmutableArray<byte>>
{
    public override string Expected => $"a text, or bytes as \"hex:0d0a\", of at most {bytesMax} bytes";

    protected override bool IsFreeText => true;

    public override ImmutableArray<byte> Fallback => [];

    protected override string? Pattern => $"^({Patterns.Bytes(bytesMax)})$";

    public override bool TryParse(string text, out ImmutableArray<byte> value, out ValueFault fault)
    {
        string? why = BytesText.Parse(text, out value);
        fault = value.Length > bytesMax ? ValueFault.OutOfRange($"it has {Counted.Of(value.Length, "byte")}") : ValueFault.Malformed(why);
        return fault.Why is null;
    }
}
