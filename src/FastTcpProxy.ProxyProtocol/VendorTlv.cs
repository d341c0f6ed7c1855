using System.Buffers.Binary;

namespace FastTcpProxy.ProxyProtocol;

/// <summary>
/// Reads the values of the TLVs that the large clouds define in the range for applications (specification 2.2.8). Pure functions, any
/// thread. The values borrow the bytes of the header.
/// </summary>
public static class VendorTlv
{
    /// <summary>The subtype of <see cref="TlvType.Aws"/> that holds the id of a VPC endpoint.</summary>
    public const byte AwsVpcEndpointIdSubtype = 0x01;

    /// <summary>The subtype of <see cref="TlvType.Azure"/> that holds the LinkID of a private endpoint.</summary>
    public const byte AzureLinkIdSubtype = 0x01;

    /// <summary>
    /// Reads the id of the VPC endpoint from an <see cref="TlvType.Aws"/> value: ASCII, such as <c>vpce-0123456789abcdef0</c>.
    /// </summary>
    /// <returns>False when the value has another subtype or nothing after it.</returns>
    public static bool TryGetAwsVpcEndpointId(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> id)
    {
        bool found = value.Length > 1 && value[0] == AwsVpcEndpointIdSubtype;
        id = found ? value[1..] : default;
        return found;
    }

    /// <summary>
    /// Reads the LinkID of the private endpoint from an <see cref="TlvType.Azure"/> value: 4 bytes, little-endian unlike all the rest.
    /// </summary>
    /// <returns>False when the value has another subtype or length.</returns>
    public static bool TryGetAzureLinkId(ReadOnlySpan<byte> value, out uint linkId)
    {
        bool found = value.Length == 5 && value[0] == AzureLinkIdSubtype;
        linkId = found ? BinaryPrimitives.ReadUInt32LittleEndian(value[1..]) : 0;
        return found;
    }

    /// <summary>Reads the Private Service Connect connection id from a <see cref="TlvType.Gcp"/> value: 8 bytes.</summary>
    /// <returns>False when the value has another length.</returns>
    public static bool TryGetGcpPscConnectionId(ReadOnlySpan<byte> value, out ulong connectionId)
    {
        bool found = value.Length == 8;
        connectionId = found ? BinaryPrimitives.ReadUInt64BigEndian(value) : 0;
        return found;
    }
}
