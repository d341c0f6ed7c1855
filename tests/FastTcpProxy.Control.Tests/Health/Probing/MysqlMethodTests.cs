using System.Text;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>
/// Logins by the methods of MySQL, which Debian has no package of. The server's packets are laid out as its documentation says ("Connection
/// Phase"), and it takes for no password what the methods of its source take: MariaDB has no server side of caching_sha2_password.
/// </summary>
public sealed class MysqlMethodTests
{
    private const string Native = "mysql_native_password", Caching = "caching_sha2_password", Sha256 = "sha256_password";

    [Theory]
    [InlineData(Caching, Caching)]
    [InlineData(Native, Caching)]
    [InlineData(Caching, Native)]
    [InlineData(Caching, Sha256)]
    [InlineData(Sha256, Sha256)]
    public async Task Login_UserWithoutPassword_IsGood_AndQuits(string ofTheServer, string ofTheUser)
    {
        List<byte[]> quits = [];
        await using Origin origin = new(async connection =>
        {
            await connection.SendAsync(Greeting(ofTheServer));
            byte[] login = await ReadPacketAsync(connection, number: 1);
            byte[] password = PasswordOf(login, ofTheServer);
            byte number = 2;
            if (ofTheUser != ofTheServer)
            {
                await connection.SendAsync(Packet(number, $"\u00fe{ofTheUser}\0{Scramble}\0"));
                password = await ReadPacketAsync(connection, 3);
                number = 4;
            }
            await connection.SendAsync(IsNone(ofTheUser, password)
                ? Packet(number, "\0\0\0\u0002\0\0\0")
                : Packet(number, "\u00ff\u0015\u0004#28000Access denied"));
            byte[] quit = await ReadPacketAsync(connection, 0);
            lock (quits) quits.Add(quit);
        });

        ProbeResult result = await Given.RunAsync(Given.Tcp(origin.EndPoint) with { Type = CheckType.Mysql, User = "check" });

        Assert.Equal((null, "the dialogue went as expected"), (result.Failure, result.Text));
        await Eventually.HoldsAsync(() => { lock (quits) return quits.Count == 2; }, "both probes say that they leave");
        Assert.All(quits, quit => Assert.Equal([1], quit));
    }

    private const string Scramble = "abcdefghijklmnopqrst";

    /// <summary>Of version 8.4, with the parts of the protocol that the check reads over.</summary>
    private static string Greeting(string plugin) => Packet(0,
        $"\u000a8.4.3\0\u0008\0\0\0{Scramble[..8]}\0\u00ff\u00ff\u00ff\u0002\0\u00ff\u00df\u0015{new string('\0', 10)}"
        + $"{Scramble[8..]}\0{plugin}\0");

    private static string Packet(byte number, string body) => $"{(char)body.Length}\0\0{(char)number}{body}";

    private static async Task<byte[]> ReadPacketAsync(OriginConnection connection, byte number)
    {
        byte[] head = await connection.ReadExactlyAsync(4);
        Assert.Equal(number, head[3]);
        return head[0] == 0 ? [] : await connection.ReadExactlyAsync(head[0]);
    }

    /// <summary>Behind the fixed part and the name of the user; the method that it claims follows.</summary>
    private static byte[] PasswordOf(byte[] login, string plugin)
    {
        string text = Encoding.Latin1.GetString(login);
        Assert.StartsWith("check\0", text[32..], StringComparison.Ordinal);
        int length = login[38];
        Assert.Equal(plugin + "\0", text[(39 + length)..]);
        return login[39..(39 + length)];
    }

    private static bool IsNone(string plugin, byte[] password) => plugin switch
    {
        Native => password is [],
        Caching => password is [] or [0],
        _ => password is [0],
    };
}
