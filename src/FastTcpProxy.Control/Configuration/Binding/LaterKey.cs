using System.Text.Json;

namespace FastTcpProxy.Control.Configuration;

/// <summary>
/// A key that a later version will know. To ignore it would let an operator believe that it works, and to call it unknown would send him
/// looking for a misspelling. Immutable, any thread.
/// </summary>
internal sealed class LaterKey(string name) : Key(name, "", "null", required: false)
{
    public override bool Later => true;

    public override void WriteSchema(Utf8JsonWriter writer)
    {
    }

    public override bool Check(ConfigurationNode node, BindingContext context) => false;
}
