using System.Security.Cryptography;
using System.Text;

namespace FastTcpProxy.Daemon.Admin.Requests;

/// <summary>The token that TCP clients must show. Only its hash is kept, and two hashes of one length are compared in constant time. Immutable, any thread.</summary>
internal sealed class AdminToken(string token)
{
    private readonly byte[] _hash = Hash(token);

    public bool Matches(string shown) => CryptographicOperations.FixedTimeEquals(Hash(shown), _hash);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
