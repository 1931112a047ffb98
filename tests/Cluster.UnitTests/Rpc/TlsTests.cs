using System.Net.Security;
using Cluster.Rpc;
using Cluster.Rpc.Server;
using Cluster.UnitTests.Rpc.V1;
using Grpc.Core;
using Xunit;

namespace Cluster.UnitTests.Rpc;

/// <summary>Who is let in, who is trusted, and that both can change while everything runs.</summary>
public sealed class TlsTests
{
    private static readonly EchoMessage Who = new() { Text = "who" };

    [Fact]
    public async Task Shows_the_clients_certificate_to_the_handler()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();

        Assert.Equal("CN=client 1|False|", (await server.Connect(Transport.MutualTls).UnaryAsync(Who)).Text);
        Assert.Equal("-|False|", (await server.Connect(Transport.PlainTcp).UnaryAsync(Who)).Text);
    }

    [Fact]
    public async Task Refuses_a_client_without_certificate()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        Echo.EchoClient client = server.Connect(Transport.MutualTls, options => options with
        {
            Tls = new RpcClientTls { TrustedRoots = () => server.Authority.Roots },
        });

        await RpcAssert.FailsAsync(StatusCode.Unavailable, async () => await client.UnaryAsync(Who));
        Assert.Equal(0, server.Service.Calls);
    }

    [Fact]
    public async Task Refuses_a_client_of_another_authority()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        var other = new TestAuthority();
        Echo.EchoClient client = server.Connect(Transport.MutualTls, options => options with
        {
            Tls = new RpcClientTls
            {
                TrustedRoots = () => server.Authority.Roots,
                Certificate = () => other.Context(other.IssueClient("client 1")),
            },
        });

        await RpcAssert.FailsAsync(StatusCode.Unavailable, async () => await client.UnaryAsync(Who));
        Assert.Equal(0, server.Service.Calls);
    }

    [Fact]
    public async Task Refuses_a_server_certificate_shown_by_a_client()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        server.ClientCertificate = server.Authority.IssueServer("a server");

        await RpcAssert.FailsAsync(StatusCode.Unavailable, async () => await server.Connect(Transport.MutualTls).UnaryAsync(Who));
    }

    [Fact]
    public async Task Refuses_a_server_of_another_authority()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        var other = new TestAuthority();
        Echo.EchoClient client = server.Connect(Transport.MutualTls, options => options with
        {
            Tls = new RpcClientTls { TrustedRoots = () => other.Roots, Certificate = server.ClientTls().Certificate },
        });

        RpcException failure = await RpcAssert.FailsAsync(StatusCode.Unavailable, async () => await client.UnaryAsync(Who));
        Assert.Contains("certificate", failure.Status.Detail, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Refuses_a_server_of_another_name_unless_that_name_is_expected()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();

        Echo.EchoClient wrong = server.Connect(Transport.MutualTls, options => options with { Tls = Named("manager") });
        await RpcAssert.FailsAsync(StatusCode.Unavailable, async () => await wrong.UnaryAsync(Who));

        RpcAddress byAddress = RpcAddress.Tcp("127.0.0.1", server.TlsPort);
        Echo.EchoClient right = server.Connect(Transport.MutualTls, options => options with { Address = byAddress, Tls = Named("localhost") });
        await right.UnaryAsync(Who);

        RpcClientTls Named(string name) =>
            new() { TrustedRoots = () => server.Authority.Roots, Certificate = server.ClientTls().Certificate, ServerName = name };
    }

    [Fact]
    public async Task Lets_the_callback_of_the_client_have_the_last_word()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        SslPolicyErrors seen = SslPolicyErrors.None;
        var tls = new RpcClientTls
        {
            Certificate = server.ClientTls().Certificate,
            ValidateServer = (_, _, _, errors) =>
            {
                seen = errors;
                return true;
            },
        };

        await server.Connect(Transport.MutualTls, options => options with { Tls = tls }).UnaryAsync(Who);

        Assert.True(seen.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors));
    }

    [Fact]
    public async Task Lets_the_callback_of_the_server_have_the_last_word()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(changeTls: tls => new RpcServerTls
        {
            Certificate = tls.Certificate,
            TrustedRoots = tls.TrustedRoots,
            ValidateClient = (_, certificate, _, errors) => errors == SslPolicyErrors.None && certificate!.Subject == "CN=friend",
        });

        await RpcAssert.FailsAsync(StatusCode.Unavailable, async () => await server.Connect(Transport.MutualTls).UnaryAsync(Who));
        server.ClientCertificate = server.Authority.IssueClient("friend");
        await server.Connect(Transport.MutualTls).UnaryAsync(Who);
    }

    [Fact]
    public async Task Lets_in_a_client_without_certificate_where_it_is_optional_but_none_with_a_bad_one()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(changeTls: tls => new RpcServerTls
        {
            Certificate = tls.Certificate,
            TrustedRoots = tls.TrustedRoots,
            ClientCertificate = RpcClientCertificateMode.Optional,
        });
        var anonymous = new RpcClientTls { TrustedRoots = () => server.Authority.Roots };

        Assert.StartsWith("-|", (await server.Connect(Transport.MutualTls, options => options with { Tls = anonymous }).UnaryAsync(Who)).Text, StringComparison.Ordinal);
        Assert.StartsWith("CN=client 1|", (await server.Connect(Transport.MutualTls).UnaryAsync(Who)).Text, StringComparison.Ordinal);
        server.ClientCertificate = new TestAuthority().IssueClient("stranger");
        await RpcAssert.FailsAsync(StatusCode.Unavailable, async () => await server.Connect(Transport.MutualTls).UnaryAsync(Who));
    }

    [Fact]
    public async Task Asks_for_no_certificate_where_none_is_wanted()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(changeTls: tls => new RpcServerTls
        {
            Certificate = tls.Certificate,
            ClientCertificate = RpcClientCertificateMode.None,
        });

        Assert.StartsWith("-|", (await server.Connect(Transport.MutualTls).UnaryAsync(Who)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_a_renewed_certificate_of_the_client_on_its_next_connection()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        RpcClientTls shared = server.ClientTls();
        Echo.EchoClient before = server.Connect(Transport.MutualTls, options => options with { Tls = shared });
        Assert.StartsWith("CN=client 1|", (await before.UnaryAsync(Who)).Text, StringComparison.Ordinal);

        server.ClientCertificate = server.Authority.IssueClient("client 2");

        Echo.EchoClient after = server.Connect(Transport.MutualTls, options => options with { Tls = shared });
        Assert.StartsWith("CN=client 2|", (await after.UnaryAsync(Who)).Text, StringComparison.Ordinal);
        Assert.StartsWith("CN=client 1|", (await before.UnaryAsync(Who)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Moves_a_channel_to_new_certificates_when_its_connection_has_aged()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        // No age at all: each call may take a new connection, as if the age had passed.
        Echo.EchoClient client = server.Connect(Transport.MutualTls, options => options with { MaxConnectionAge = TimeSpan.Zero });
        Assert.StartsWith("CN=client 1|", (await client.UnaryAsync(Who)).Text, StringComparison.Ordinal);

        server.ClientCertificate = server.Authority.IssueClient("client 2");

        Assert.StartsWith("CN=client 2|", (await client.UnaryAsync(Who)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serves_new_connections_with_a_renewed_certificate_while_old_ones_go_on()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> open = server.Connect(Transport.MutualTls).Duplex();
        await open.RequestStream.WriteAsync(new EchoMessage { Number = 1 });
        Assert.True(await open.ResponseStream.MoveNext());

        server.ServerCertificate = server.Authority.IssueServer("server 2");

        string? seen = null;
        var tls = new RpcClientTls
        {
            Certificate = server.ClientTls().Certificate,
            TrustedRoots = () => server.Authority.Roots,
            ValidateServer = (_, certificate, _, errors) =>
            {
                seen = certificate?.Subject;
                return errors == SslPolicyErrors.None;
            },
        };
        await server.Connect(Transport.MutualTls, options => options with { Tls = tls }).UnaryAsync(Who);
        await open.RequestStream.WriteAsync(new EchoMessage { Number = 2 });
        Assert.True(await open.ResponseStream.MoveNext());

        Assert.Equal("CN=server 2", seen);
        Assert.Equal(2, open.ResponseStream.Current.Number);
    }

    [Fact]
    public async Task Trusts_new_roots_from_the_next_connection_on()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        var next = new TestAuthority("next root");
        server.ClientCertificate = next.IssueClient("client of the next root");
        await RpcAssert.FailsAsync(StatusCode.Unavailable, async () => await server.Connect(Transport.MutualTls).UnaryAsync(Who));

        server.ClientRoots = [.. server.Authority.Roots, .. next.Roots];

        Assert.StartsWith("CN=client of the next root|", (await server.Connect(Transport.MutualTls).UnaryAsync(Who)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sends_the_intermediates_of_the_clients_certificate()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        var intermediate = new TestAuthority("intermediate", server.Authority);
        var certificate = intermediate.Context(intermediate.IssueClient("client of the intermediate"));
        Echo.EchoClient client = server.Connect(Transport.MutualTls, options => options with
        {
            Tls = new RpcClientTls { TrustedRoots = () => server.Authority.Roots, Certificate = () => certificate },
        });

        Assert.StartsWith("CN=client of the intermediate|", (await client.UnaryAsync(Who)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_so_when_the_server_speaks_no_TLS()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        Echo.EchoClient client = server.Connect(Transport.PlainTcp, options => options with { Tls = server.ClientTls() });

        await RpcAssert.FailsAsync(StatusCode.Unavailable, async () => await client.UnaryAsync(Who));
    }
}
