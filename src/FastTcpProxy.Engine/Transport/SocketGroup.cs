using System.Globalization;

namespace FastTcpProxy.Engine.Transport;

/// <summary>A group of this machine. Immutable, any thread.</summary>
/// <param name="Text">As the configuration writes it: a name or a number.</param>
/// <param name="Id">Its number.</param>
public sealed record SocketGroup(string Text, uint Id)
{
    /// <summary>By its number alone.</summary>
    public SocketGroup(uint id)
        : this(id.ToString(CultureInfo.InvariantCulture), id)
    {
    }
}
