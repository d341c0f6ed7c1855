namespace FastTcpProxy.Control.Configuration;

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
