using System.Net;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Control.Configuration.Rules;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Control.Configuration.Keys;

/// <summary>
/// No client reaches the administrative interface over TCP without a token, or from another machine without TLS; and the files for that are
/// checked when the configuration is read. Reads a disk; one thread.
/// </summary>
internal static class AdminRules
{
    /// <summary>The same for editors, as far as a schema can say it.</summary>
    public const string Schema = """
        {
          "dependentRequired": { "listen": ["tokenFile"], "keyFile": ["certFile"] },
          "if": {
            "required": ["listen"],
            "properties": {
              "listen": { "doNotSuggest": true, "contains": { "type": "string", "pattern": "^((?!127\\.)[0-9.]+|\\[::\\]):" } }
            }
          },
          "then": { "required": ["certFile"] }
        }
        """;

    public static void Check(AdminConfiguration admin, ObjectReader reader)
    {
        CheckToken(admin, reader);
        CheckStateDirectory(admin, reader);
        CertificateRules.Check(admin.CertificateFile, admin.KeyFile, reader, AdminKeys.CertFile, AdminKeys.KeyFile);
        if (admin.Listen.IsEmpty)
        {
            if (reader.Sound(AdminKeys.Listen))
                WarnWithoutListen(reader, AdminKeys.TokenFile, AdminKeys.CertFile, AdminKeys.KeyFile);
            return;
        }
        ConfigurationNode listen = reader.Node.Find(AdminKeys.Listen.Name)!;
        if (admin.TokenFile is null && reader.Sound(AdminKeys.TokenFile))
            reader.Context.Problems.Error(listen.At, ConfigurationCodes.AdminWithoutToken,
                $"{listen.Path} admits every client that can reach these addresses, expected \"tokenFile\" beside it");
        if (admin.CertificateFile is not null || !reader.Sound(AdminKeys.CertFile))
            return;
        foreach (ConfiguredListenAddress address in admin.Listen.Where(address => !IPAddress.IsLoopback(address.EndPoint!.Address)))
        {
            ConfigurationNode at = reader.Context.Origin(address)!;
            reader.Context.Problems.Error(at.At, ConfigurationCodes.AdminWithoutTls,
                $"{at.Path} is {Wording.Quote(address.Text)}, where the token would cross a network unencrypted, "
                + $"expected \"certFile\" beside {listen.Path}, or a loopback "
                    + "address");
        }
    }

    private static void CheckToken(AdminConfiguration admin, ObjectReader reader)
    {
        if (admin.TokenFile is null || AdminTokenFile.TryRead(admin.TokenFile, out _, out string? why))
            return;
        // Root checks the file of a proxy that will run as another user; if it is to run as root, its start refuses the file.
        if (FileOwner.Self == FileOwner.Root && AdminTokenFile.TryRead(admin.TokenFile, out _, out _, ofAnyUser: true))
            reader.Context.Problems.Warning(reader.At(AdminKeys.TokenFile), ConfigurationCodes.TokenOfAnotherUser,
                $"{reader.Node.Find(AdminKeys.TokenFile.Name)!.Path} is {Wording.Quote(admin.TokenFile)} ({why}), "
                + "expected a proxy that runs as that user, or a file that belongs to root");
        else
            reader.ReportFile(AdminKeys.TokenFile, why,
                $"a file of mode 0600 with one line of {AdminTokenFile.LengthMin} to {AdminTokenFile.LengthMax} visible ASCII characters");
    }

    /// <summary>It need not exist yet: the start makes it. With a file in its place operators can change nothing.</summary>
    private static void CheckStateDirectory(AdminConfiguration admin, ObjectReader reader)
    {
        if (admin.StateDirectory is { } path && File.Exists(path))
        {
            reader.Context.Problems.Warning(reader.At(AdminKeys.StateDirectory), ConfigurationCodes.StateDirectoryIsAFile,
                $"admin.stateDirectory is {Wording.Quote(path)}, which is a file: the overrides of operators can be neither read nor "
                + "changed; expected the path of a directory, or of one that the start can make");
        }
    }

    private static void WarnWithoutListen(ObjectReader reader, params ReadOnlySpan<Key> keys)
    {
        foreach (Key key in keys)
        {
            if (reader.Own(key) is { } property)
                reader.Context.Problems.Warning(property.At, ConfigurationCodes.AdminKeyWithoutEffect,
                    $"{property.Value.Path} has no effect, because the administrative interface does not listen on TCP, "
                    + "expected \"listen\" beside it");
        }
    }
}
